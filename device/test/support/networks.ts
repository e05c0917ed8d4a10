/**
 * Two networks with a router between them, as network namespaces of this machine (ip-netns(8)): TCP passes the router,
 * UDP only where that is wanted. A program runs in one of the places by the words that go before its command.
 */

import { spawnSync } from 'node:child_process';

/** `viewer` and `device` are alone on their networks; `router` is between. */
export type Place = 'viewer' | 'device' | 'router';

export const addresses = {
  viewer: '10.201.1.2',
  device: '10.201.2.2',
  routerToViewer: '10.201.1.1',
  routerToDevice: '10.201.2.1',
} as const;

export interface NetworkOptions {
  /** How far it gets what the viewer sends over UDP. */
  viewersUdp: 'to the device' | 'to the router' | 'nowhere';
  /** The same for TCP; by default it passes. */
  viewersTcp?: 'to the device' | 'to the router';
}

export interface ShapedLink {
  /** Bits a second; packets beyond it wait for up to 200 ms. */
  rate: number;
  /** Whether one IPv4 packet in a hundred is lost: those of certain identification numbers, which TCP counts up, and which a packet that is sent again does not share. */
  lossy: boolean;
}

export interface Networks {
  /** Words to put before a command, so that it runs there. */
  within(place: Place): string[];
  /** From now on the device's packets take a link of this kind. */
  shape(link: ShapedLink): void;
  /** Nothing passes the router, in either direction, until the path returns. */
  cutPath(): void;
  returnPath(): void;
  /** The viewer's cable is pulled: it has no network and no address. */
  unplugViewer(): void;
  /** The viewer is in its network again, by another interface and with this address. */
  plugInViewer(address: string): void;
  close(): void;
}

/** Why networks cannot be made here; null where they can. */
export function networksFault(): string | null {
  try {
    createNetworks({ viewersUdp: 'nowhere' }).close();
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

/** @throws {Error} where the system does not allow it */
export function createNetworks({ viewersUdp, viewersTcp }: NetworkOptions): Networks {
  const names = { viewer: nameOf('viewer'), device: nameOf('device'), router: nameOf('router') };
  const close = () => {
    for (const name of Object.values(names)) {
      // Its links go with it.
      spawnSync('ip', ['netns', 'del', name]);
    }
    process.off('exit', close);
  };
  // Also where a test ends before it comes to that.
  process.once('exit', close);
  try {
    for (const name of Object.values(names)) {
      ip('netns', 'add', name);
      ip('-n', name, 'link', 'set', 'lo', 'up');
    }
    link(names.viewer, addresses.viewer, names.router, addresses.routerToViewer, 'to-viewer');
    link(names.device, addresses.device, names.router, addresses.routerToDevice, 'to-device');
    ip('netns', 'exec', names.router, 'sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward');
    // In the order of `pref` (ip-rule(8)); what stands behind the rule for local addresses is for what is passed on.
    ip('-n', names.router, 'rule', 'add', 'pref', '20', 'lookup', 'local');
    ip('-n', names.router, 'rule', 'del', 'pref', '0');
    if (viewersUdp !== 'to the device') {
      const pref = viewersUdp === 'nowhere' ? '10' : '30';
      ip('-n', names.router, 'rule', 'add', 'pref', pref, 'iif', 'to-viewer', 'ipproto', 'udp', 'blackhole');
      ip('-n', names.router, 'rule', 'add', 'pref', '30', 'iif', 'to-device', 'ipproto', 'udp', 'blackhole');
    }
    if (viewersTcp === 'to the router') {
      ip('-n', names.router, 'rule', 'add', 'pref', '30', 'iif', 'to-viewer', 'ipproto', 'tcp', 'blackhole');
    }
  } catch (error) {
    close();
    throw error;
  }
  return {
    within: (place) => ['ip', 'netns', 'exec', names[place]],
    shape: (link) => shape(names.device, link),
    cutPath: () => ip('-n', names.router, 'rule', 'add', 'pref', '5', 'iif', 'to-device', 'blackhole'),
    returnPath: () => ip('-n', names.router, 'rule', 'del', 'pref', '5'),
    unplugViewer: () => ip('-n', names.viewer, 'link', 'del', 'to-router'),
    plugInViewer: (address) => link(names.viewer, address, names.router, addresses.routerToViewer, 'to-viewer'),
    close,
  };
}

let networks = 0;

function nameOf(place: Place): string {
  return `multistream-${process.pid}-${Math.floor(networks++ / 3)}-${place}`;
}

/** A cable from one place to the router. */
function link(place: string, address: string, router: string, routerAddress: string, routerEnd: string): void {
  ip('link', 'add', 'to-router', 'netns', place, 'type', 'veth', 'peer', 'name', routerEnd, 'netns', router);
  for (const [name, end, own] of [
    [place, 'to-router', address],
    [router, routerEnd, routerAddress],
  ] as const) {
    ip('-n', name, 'address', 'add', `${own}/24`, 'dev', end);
    ip('-n', name, 'link', 'set', end, 'up');
  }
  ip('-n', place, 'route', 'add', 'default', 'via', routerAddress);
}

/** By the means that every kernel has; there is netem(8) for it only where that is built in. */
function shape(place: string, { rate, lossy }: ShapedLink): void {
  const tc = (...args: string[]) => run('tc', '-n', place, ...args);
  // One packet of the network at a time, and not many of TCP in one.
  ip('-n', place, 'link', 'set', 'to-router', 'gso_max_segs', '1');
  const on = ['dev', 'to-router'];
  tc('qdisc', 'replace', ...on, 'root', 'handle', '1:', 'htb', 'default', '1');
  tc('class', 'add', ...on, 'parent', '1:', 'classid', '1:1', 'htb', 'rate', `${rate}bit`, 'quantum', '1514');
  tc('qdisc', 'add', ...on, 'parent', '1:1', 'bfifo', 'limit', String(Math.round((rate / 8) * 0.2)));
  if (lossy) {
    tc('class', 'add', ...on, 'parent', '1:', 'classid', '1:2', 'htb', 'rate', `${rate}bit`, 'quantum', '1514');
    tc('qdisc', 'add', ...on, 'parent', '1:2', 'blackhole');
    for (const [value, mask] of [
      ['0x0005', '0x007f'],
      ['0x0101', '0x01ff'],
    ] as const) {
      const lost = ['u32', 'match', 'u16', value, mask, 'at', '4', 'flowid', '1:2'];
      tc('filter', 'add', ...on, 'parent', '1:', 'protocol', 'ip', ...lost);
    }
  }
}

function ip(...args: string[]): void {
  run('ip', ...args);
}

function run(program: string, ...args: string[]): void {
  const { error, status, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (error !== undefined || status !== 0) {
    throw new Error(`${program} ${args.join(' ')}: ${error?.message ?? stderr.trim()}`);
  }
}
