import { expect, fixture, fixtureCleanup, html } from '@open-wc/testing';
import type { ConnectionError } from '../../src/client/errors.ts';
import type { MsErrorEvent } from '../../src/elements/events.ts';
import type { MsGrid } from '../../src/elements/ms-grid.ts';
import { absence } from '../../src/elements/portable-element.ts';
import { type Device, startDevice } from '../support/device.ts';
import '../../src/define.ts';
import { until } from './wall.ts';

const camera = 'streams:\n  test: ffmpeg:virtual?video=testsrc&size=320x180&rate=10#video=h264\n';
absence.limit = 0;

const token = 'the-token-of-this-test-0123456789';

describe('a page that may not use the device', () => {
  let device: Device | null = null;

  afterEach(async () => {
    fixtureCleanup();
    await device?.stop();
    device = null;
  });

  async function start(api: string): Promise<string> {
    device = await startDevice(`api: {listen: "127.0.0.1:0", ${api}}\nwebrtc: {listen: ":0"}\n${camera}`);
    return device.url;
  }

  async function wall(url: string, authorize?: () => Promise<string>): Promise<MsGrid> {
    return fixture<MsGrid>(html`
      <ms-grid device-url=${url} ice-servers="[]" .authorize=${authorize}>
        <ms-slot slot="0" stream="test" eager></ms-slot>
      </ms-grid>
    `);
  }

  /** The error that the reader is left with, once it is other than that the device does not answer. */
  async function explanation(grid: MsGrid): Promise<ConnectionError> {
    return new Promise((resolve) => {
      grid.addEventListener('ms-error', ({ error }: MsErrorEvent) => {
        if ('reason' in error && error.reason !== 'unreachable') {
          resolve(error as ConnectionError);
        }
      });
    });
  }

  it('reads that its token is missing, and plays as soon as it has one', async () => {
    const url = await start(`origin: "*", tokens: [{token: "${token}"}]`);
    const grid = await wall(url);
    const error = await explanation(grid);
    expect(error.reason).to.equal('unauthorized');
    expect(error.message).to.contain('authorize');
    grid.authorize = async () => token;
    await until(() => grid.slots[0]?.state === 'active');
  });

  it('is asked for its token again when the device refuses the first one, and no error shows it', async () => {
    const url = await start(`origin: "*", tokens: [{token: "${token}"}]`);
    const tokens = ['an-old-token', token];
    const asked: string[] = [];
    const grid = await wall(url, async () => {
      const next = tokens[Math.min(asked.length, 1)] as string;
      asked.push(next);
      return next;
    });
    const error = await explanation(grid);
    expect(error.reason).to.equal('unauthorized');
    expect(error.message).not.to.contain('an-old-token');
    await until(() => grid.slots[0]?.state === 'active');
    expect(asked).to.deep.equal(['an-old-token', token]);
  });

  it('reads that its origin is not allowed, and where that is configured', async () => {
    const grid = await wall(await start('origin: "https://intranet.example.org"'));
    const error = await explanation(grid);
    expect(error.reason).to.equal('origin-refused');
    expect(error.message).to.contain(location.origin).and.to.contain('api.origin');
  });

  it('reads that the browser does not let it reach the local network', async () => {
    const { query } = navigator.permissions;
    navigator.permissions.query = async () => ({ state: 'denied' }) as PermissionStatus;
    try {
      const error = await explanation(await wall('http://127.0.0.1:9'));
      expect(error.reason).to.equal('local-network');
      expect(error.message).to.contain('local network');
    } finally {
      navigator.permissions.query = query;
    }
  });

  it('reads that a page on https cannot reach a device on http', async () => {
    const real = window.WebSocket;
    window.WebSocket = class {
      constructor() {
        throw new DOMException('An insecure WebSocket connection may not be initiated', 'SecurityError');
      }
    } as unknown as typeof WebSocket;
    try {
      const error = await explanation(await wall('http://192.0.2.1'));
      expect(error.reason).to.equal('mixed-content');
    } finally {
      window.WebSocket = real;
    }
  });

  it('reads that the device does not answer, when that is all that can be known', async () => {
    const grid = await wall('http://127.0.0.1:9');
    await until(() => grid.renderRoot.querySelector('[role=alert]') !== null);
    expect(grid.renderRoot.querySelector('[role=alert]')?.textContent).to.contain('No answer from');
  });
});
