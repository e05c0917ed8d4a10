/** A React root in the page, and what a viewer and a developer notice of it. */

import { createElement, type FunctionComponent, StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { type Color, isColor } from '../support/picture.ts';

export interface Page {
  readonly element: HTMLElement;
  /** The warnings of React and the elements on the console. */
  readonly complaints: string[];
  /** Peer connections that are open. */
  readonly peers: number;
  video(slot: number): HTMLVideoElement;
  /** Waits until a slot's picture is of this colour; mocha's timeout is the limit. */
  shows(slot: number, color: Color): Promise<HTMLVideoElement>;
  unmount(): void;
  /** The console and the peer connections are the browser's own again. */
  restore(): void;
}

/** In StrictMode, which mounts everything twice. */
export function render<P extends object>(component: FunctionComponent<P>, props: P): Page {
  const complaints: string[] = [];
  const { error, warn } = console;
  console.error = console.warn = (...args: unknown[]) => complaints.push(args.join(' '));
  const real = window.RTCPeerConnection;
  const peers: RTCPeerConnection[] = [];
  window.RTCPeerConnection = class extends real {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      peers.push(this);
    }
  };
  const element = document.createElement('div');
  document.body.append(element);
  const root = createRoot(element);
  root.render(createElement(StrictMode, null, createElement(component, props)));
  return {
    element,
    complaints,
    get peers() {
      return peers.filter(({ connectionState }) => connectionState !== 'closed').length;
    },
    video: (slot) => videosIn(element)[slot] as HTMLVideoElement,
    async shows(slot, color) {
      for (;;) {
        const video = videosIn(element)[slot];
        if (video && video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA && isColor(video, color)) {
          return video;
        }
        await new Promise(requestAnimationFrame);
      }
    },
    unmount: () => root.unmount(),
    restore() {
      root.unmount();
      element.remove();
      window.RTCPeerConnection = real;
      Object.assign(console, { error, warn });
    },
  };
}

/** React's own, and those of the elements. */
function videosIn(element: HTMLElement): HTMLVideoElement[] {
  return Array.from(element.querySelectorAll<HTMLElement>('video, ms-slot')).flatMap(
    (found) => (found instanceof HTMLVideoElement ? found : found.shadowRoot?.querySelector('video')) ?? [],
  );
}
