/** The two ways to put cameras into a page, behind one interface. */

export interface Tile {
  stream: string;
  quality?: string;
  /** Shows quiet cameras by their key frames alone; for our elements only. */
  calm?: boolean;
}

export interface TilesOfDevice {
  /** Its address, without a slash at the end. */
  device: string;
  tiles: Tile[];
  /** The grid's mode; by default `auto`. Iframes have none. */
  mode?: string;
}

export interface Wall {
  /** The video of a tile, as soon as it has one; after `switch` the one that the new camera will be in. */
  video(index: number): Promise<HTMLVideoElement>;
  /** The video that a tile has now. */
  videoNow(index: number): HTMLVideoElement;
  switch(index: number, tile: Tile): void;
}

type Slot = HTMLElement & { shadowRoot: ShadowRoot | null; updateComplete: Promise<unknown> };

/** Grids of our elements, one for each device; nothing of ours is loaded before. */
export function createGrids(devices: readonly TilesOfDevice[], parent: HTMLElement): Wall {
  const slots: Slot[] = [];
  for (const { device, tiles, mode = 'auto' } of devices) {
    const grid = document.createElement('ms-grid');
    grid.setAttribute('device-url', device);
    grid.setAttribute('mode', mode);
    grid.setAttribute('ice-servers', '[]');
    for (const [index, tile] of tiles.entries()) {
      const slot = document.createElement('ms-slot') as HTMLElement as Slot;
      slot.setAttribute('slot', String(index));
      apply(slot, tile);
      slots.push(slot);
      grid.append(slot);
    }
    parent.append(grid);
  }
  const script = document.createElement('script');
  script.type = 'module';
  script.src = `${devices[0]?.device}/ms-grid.js`;
  document.head.append(script);
  return {
    video: async (index) => {
      await customElements.whenDefined('ms-slot');
      const slot = slots[index] as Slot;
      await slot.updateComplete;
      return firstVideo(slot.shadowRoot as ShadowRoot);
    },
    videoNow: (index) => slots[index]?.shadowRoot?.querySelector('video') as HTMLVideoElement,
    switch: (index, tile) => apply(slots[index] as Slot, tile),
  };
}

function apply(slot: Slot, { stream, quality = '', calm = false }: Tile): void {
  slot.toggleAttribute('calm', calm);
  slot.setAttribute('stream', stream);
  slot.setAttribute('quality', quality);
}

/** A tile has a video from the moment that it has a track. */
function firstVideo(root: ShadowRoot): Promise<HTMLVideoElement> {
  return new Promise((resolve) => {
    const look = () => {
      const element = root.querySelector('video');
      if (element !== null) {
        observer.disconnect();
        resolve(element);
      }
    };
    const observer = new MutationObserver(look);
    observer.observe(root, { childList: true, subtree: true });
    look();
  });
}

/** An iframe of the device's own page for each tile, as walls are built today. */
export function createFrames(devices: readonly TilesOfDevice[], parent: HTMLElement): Wall {
  const frames: { element: HTMLIFrameElement; loaded: Promise<unknown>; device: string }[] = [];
  for (const { device, tiles } of devices) {
    const grid = document.createElement('div');
    grid.className = 'frames';
    grid.style.setProperty('--columns', String(Math.ceil(Math.sqrt(tiles.length))));
    for (const tile of tiles) {
      const element = document.createElement('iframe');
      element.src = address(device, tile);
      frames.push({ element, loaded: load(element), device });
      grid.append(element);
    }
    parent.append(grid);
  }
  const at = (index: number) => frames[index] as (typeof frames)[number];
  const videoNow = (index: number) => at(index).element.contentDocument?.querySelector('video') as HTMLVideoElement;
  return {
    video: async (index) => {
      await at(index).loaded;
      const video: HTMLVideoElement | null = videoNow(index);
      if (video === null) {
        const { src, contentDocument } = at(index).element;
        throw new Error(`the iframe of ${src} has no video, but: ${contentDocument?.body?.innerText.slice(0, 200)}`);
      }
      return video;
    },
    videoNow,
    switch: (index, tile) => {
      const frame = at(index);
      frame.loaded = load(frame.element);
      frame.element.src = address(frame.device, tile);
    },
  };
}

function load(element: HTMLIFrameElement): Promise<unknown> {
  return new Promise((resolve) => element.addEventListener('load', resolve, { once: true }));
}

function address(device: string, { stream, quality }: Tile): string {
  return `${device}/stream.html?src=${quality === undefined ? stream : `${stream}-${quality}`}`;
}
