import type { SlotTrack } from './media.ts';

/** Plays the sound of a slot in an element of its own: the video is muted, so that it begins by itself. */
export class SoundOutput {
  readonly track: SlotTrack;
  readonly element = new Audio();

  /** @param start is called whenever the element has something to play: over the WebSocket it loads each run of sound anew */
  constructor(track: SlotTrack, start: (output: SoundOutput) => void) {
    this.track = track;
    this.element.onloadstart = () => start(this);
    if ('attach' in track) {
      track.attach(this.element);
    } else {
      this.element.srcObject = new MediaStream([track]);
    }
  }

  close(): void {
    this.element.onloadstart = this.element.srcObject = null;
    if ('attach' in this.track) {
      this.track.detach(this.element);
    }
  }
}
