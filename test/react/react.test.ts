import { expect } from '@open-wc/testing';
import { createElement, type ReactElement, useState } from 'react';
import type { MsStatusEvent } from '../../src/elements/events.ts';
import type { MsSlot as SlotElement } from '../../src/elements/ms-slot.ts';
import { CameraGrid, MsGrid, MsSlot, useMultiStream } from '../../src/react/index.ts';
import { blue, green, type Installation, install, red, until } from '../e2e/wall.ts';
import { type Page, render } from './page.ts';

const noStun = { pcConfig: { iceServers: [] } };

describe('multistream-elements/react', () => {
  let installation: Installation;
  let page: Page;

  before(async () => {
    installation = await install();
  });

  afterEach(async () => {
    page.restore();
    expect(page.complaints).to.deep.equal([]);
    // Elements that are removed for good let go a task later.
    await until(() => page.peers === 0);
  });

  after(() => installation.stop());

  describe('CameraGrid', () => {
    const cameras = [{ id: 'red', label: 'Entrance' }, { id: 'blue' }, { id: 'green' }];

    function show(): Page {
      const deviceUrl = installation.device.url;
      return render(CameraGrid, { deviceUrl, cameras, quality: '180p', selectedQuality: 'native' });
    }

    it('shows every camera over one connection, and takes a clicked one in a better quality', async () => {
      page = show();
      await Promise.all([page.shows(0, red), page.shows(1, blue), page.shows(2, green)]);
      expect(page.video(0).videoHeight).to.equal(180);
      const button = page.element.querySelector('button') as HTMLButtonElement;
      button.click();
      await until(() => page.video(0).videoHeight === 360);
      expect(button.ariaPressed).to.equal('true');
      expect(page.video(1).videoHeight).to.equal(180);
      expect(page.peers).to.equal(1);
      button.click();
      await until(() => page.video(0).videoHeight === 180);
    });

    it('says what each camera is called, and where it stands', async () => {
      page = show();
      await until(() => page.element.textContent?.startsWith('Entrance active') === true);
    });

    it('ends its connection when it is unmounted', async () => {
      page = show();
      await page.shows(0, red);
      page.unmount();
      await until(() => page.peers === 0);
    });
  });

  describe('useMultiStream', () => {
    let choose: (streams: string[]) => void;

    function Wall({ deviceUrl, first }: { deviceUrl: string; first: string[] }): ReactElement {
      const [streams, setStreams] = useState(first);
      choose = setStreams;
      const { state, slots } = useMultiStream(
        deviceUrl,
        streams.map((stream) => ({ stream, quality: '180p' })),
        noStun,
      );
      const tiles = slots.map(({ ref, error }, key) =>
        createElement('figure', { key }, createElement('video', { ref, muted: true }), error?.message),
      );
      return createElement('section', { title: state }, ...tiles);
    }

    it("follows the page's own state: another camera, one more, one less", async () => {
      page = render(Wall, { deviceUrl: installation.device.url, first: ['red'] });
      const video = await page.shows(0, red);
      choose(['blue']);
      expect(await page.shows(0, blue), 'the same video element').to.equal(video);
      choose(['blue', 'green']);
      await page.shows(1, green);
      choose(['red']);
      await page.shows(0, red);
      await until(() => page.element.querySelectorAll('video').length === 1);
      expect(page.peers).to.equal(1);
    });

    it('keeps the picture and gives the reason when a camera is not there', async () => {
      page = render(Wall, { deviceUrl: installation.device.url, first: ['red'] });
      await page.shows(0, red);
      choose(['nobody']);
      await until(() => page.element.textContent === 'nobody-180p: stream not found');
      await page.shows(0, red);
      choose(['blue']);
      await page.shows(0, blue);
      expect(page.element.textContent).to.equal('');
    });

    it('plays on after the device was gone', async () => {
      page = render(Wall, { deviceUrl: installation.device.url, first: ['red'] });
      await page.shows(0, red);
      await installation.device.kill();
      await until(() => page.element.querySelector('section')?.title === 'waiting');
      choose(['green']);
      await installation.restart();
      await page.shows(0, green);
    });
  });

  describe('MsGrid and MsSlot', () => {
    it('take properties as props, and call back with typed events', async () => {
      const switched: string[] = [];
      let choose: (stream: string) => void = () => {};
      let tile: SlotElement | null = null;

      function Host(): ReactElement {
        const [stream, setStream] = useState('red');
        choose = setStream;
        const setTile = (element: SlotElement | null) => {
          tile = element;
        };
        return createElement(
          MsGrid,
          {
            deviceUrl: installation.device.url,
            iceServers: [],
            columns: 2,
            onMsSwitch: (event) => switched.push(event.stream),
          },
          createElement(MsSlot, { index: 1, stream: 'blue', quality: '180p' }),
          createElement(MsSlot, { index: 0, stream, quality: '180p', ref: setTile }),
        );
      }

      page = render(Host, {});
      await Promise.all([page.shows(0, blue), page.shows(1, red)]);
      expect((tile as SlotElement | null)?.place).to.equal(0);
      // A change before the first picture is a start, and no switch.
      await until(() => (tile as SlotElement | null)?.state === 'active');
      choose('green');
      await page.shows(1, green);
      await until(() => switched.length > 0);
      expect(switched).to.deep.equal(['green-180p']);
      expect(page.peers).to.equal(1);
    });
  });

  describe("the elements in React's own JSX", () => {
    it('take properties and attributes, and call back by the names of their events', async () => {
      const heard: string[] = [];

      function Host(): ReactElement {
        const grid = { deviceUrl: installation.device.url, 'ice-servers': '[]' };
        return createElement(
          'ms-grid',
          { ...grid, 'onms-status': ({ status }: MsStatusEvent) => heard.push(status.stream) },
          createElement('ms-slot', { slot: '0', stream: 'red', quality: '180p' }),
        );
      }

      page = render(Host, {});
      await page.shows(0, red);
      expect(heard).to.include('red-180p');
    });
  });
});
