/**
 * The tests need these things from the system, beside Node: browsers, GStreamer's RTSP server as a real camera, coturn, and a
 * driver of graphics cards.
 */

import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, globSync } from 'node:fs';
import { findChromium } from './chromium.mjs';
import { findFirefox } from './firefox.mjs';
import { findWebKit } from './webkit.mjs';

const cameraPackages = [
  'python3',
  'python3-gi',
  'gir1.2-gst-rtsp-server-1.0',
  'glib-networking',
  'gstreamer1.0-plugins-base',
  'gstreamer1.0-plugins-good',
  'gstreamer1.0-plugins-bad',
  'gstreamer1.0-plugins-ugly',
  'gstreamer1.0-libav',
];

/** A relay, and the networks between which it is the only way. Used as root alone, since making networks needs that. */
const relayPrograms = { turnserver: 'coturn', ip: 'iproute2' };

/** Balancers in front of several devices, by which the files in `deploy/` are tested. */
const balancers = { haproxy: 'haproxy', nginx: 'nginx-light' };

/** Vulkan without a card: what is taken to a card's memory goes there, though nothing can be encoded in it. */
const cardDriver = { folder: '/usr/share/vulkan/icd.d', package: 'mesa-vulkan-drivers' };

/** A wall clock that a test sets, for one program. */
const clock = { library: '/usr/lib/*/faketime/libfaketimeMT.so.1', package: 'libfaketime' };

/** Safari's engine, a screen for it, and the decoders of both other engines. */
const engines = ['webkit2gtk-driver', 'xvfb', 'gstreamer1.0-libav', 'firefox-esr'];

/** Imports and makes what the camera script uses: that a package is installed does not yet mean that it works. */
const cameraProbe = `
import gi
gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import Gio, Gst, GstRtspServer
Gst.init(None)
names = "appsrc x264enc h264parse rtph264pay x265enc h265parse rtph265pay opusenc voaacenc twolamemp2enc avenc_g722".split()
missing = [name for name in names if Gst.ElementFactory.find(name) is None]
if missing:
    raise SystemExit("GStreamer lacks " + ", ".join(missing))
if not Gio.TlsBackend.get_default().supports_tls():
    raise SystemExit("GLib lacks TLS")
`;

/** Throws, with what to install, where something is missing that cannot be installed here. */
export function prepareSystem() {
  const missing = [];
  if (findChromium() === null) {
    missing.push({ what: 'Chromium', packages: ['chromium'], otherwise: 'or name a Chrome in CHROME_PATH' });
  }
  if (cameraFault() !== null) {
    missing.push({
      what: "GStreamer's RTSP server, for the system's Python (/usr/bin/python3)",
      packages: cameraPackages,
      otherwise: 'the names are those of Debian and Ubuntu',
    });
  }
  const canInstall = process.getuid?.() === 0 && isDebian();
  if (canInstall && !hasPrograms(Object.keys(relayPrograms))) {
    missing.push({ what: 'coturn and network namespaces', packages: Object.values(relayPrograms), otherwise: '' });
  }
  if (canInstall && !hasPrograms(Object.keys(balancers))) {
    missing.push({ what: 'HAProxy and nginx', packages: Object.values(balancers), otherwise: '' });
  }
  if (canInstall && !existsSync(cardDriver.folder)) {
    missing.push({ what: 'a graphics card in software', packages: [cardDriver.package], otherwise: '' });
  }
  if (canInstall && globSync(clock.library).length === 0) {
    missing.push({ what: 'a clock that a test sets', packages: [clock.package], otherwise: '' });
  }
  if (canInstall && !(findWebKit() && findFirefox() && hasPrograms(['WebKitWebDriver', 'Xvfb']) && hasDecoder())) {
    missing.push({ what: 'WebKitGTK and Firefox', packages: engines, otherwise: '' });
  }
  if (missing.length === 0) {
    return;
  }
  if (!canInstall) {
    const lines = missing.map(
      ({ what, packages, otherwise }) => `  ${what} (${otherwise}):\n    apt-get install ${packages.join(' ')}`,
    );
    throw new Error(`the tests need from the system:\n${lines.join('\n')}`);
  }
  const packages = missing.flatMap((needed) => needed.packages);
  console.log(`installing from Debian: ${packages.join(' ')}`);
  apt('update');
  apt('install', '-y', '--no-install-recommends', ...packages);
  if (findChromium() === null) {
    throw new Error('chromium is installed, yet there is none on the PATH');
  }
  const fault = cameraFault();
  if (fault !== null) {
    throw new Error(`the RTSP server is installed, yet does not work: ${fault}`);
  }
}

/** @returns {string | null} */
function cameraFault() {
  const { error, status, stderr } = spawnSync('/usr/bin/python3', ['-c', cameraProbe], { encoding: 'utf8' });
  return error?.message ?? (status === 0 ? null : stderr.trim());
}

/** Whether GStreamer, by which WebKitGTK plays, has FFmpeg's decoders. */
function hasDecoder() {
  const probe = 'import gi; gi.require_version("Gst", "1.0"); from gi.repository import Gst; Gst.init(None)';
  const { status } = spawnSync('/usr/bin/python3', [
    '-c',
    `${probe}; raise SystemExit(Gst.ElementFactory.find("avdec_h264") is None)`,
  ]);
  return status === 0;
}

/** @param {string[]} names */
function hasPrograms(names) {
  return names.every((name) => spawnSync('which', [name]).status === 0);
}

function isDebian() {
  try {
    accessSync('/usr/bin/apt-get', constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** @param {string[]} args */
function apt(...args) {
  const { status } = spawnSync('apt-get', ['-o', 'DPkg::Lock::Timeout=300', '-q', ...args], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  if (status !== 0) {
    throw new Error(`apt-get ${args.join(' ')} failed`);
  }
}
