import type { DeviceConnection, SlotObserver, Sound, Wish } from '../client/device-connection.ts';
import type { SwitchError } from '../client/errors.ts';
import type { SlotSource, SlotTrack } from '../client/media.ts';
import { SoundOutput } from '../client/sound-output.ts';
import type { SlotStatus } from '../protocol/messages.ts';
import { resolveStreamName } from '../protocol/stream-name.ts';

/** One slot of a wall without elements: takes its wish to the connection, and its track to React's `<video>`. */
export class SlotPlayer implements SlotObserver {
  readonly index: number;
  readonly #changed: () => void;
  #video: HTMLVideoElement | null = null;
  #track: SlotTrack | null = null;
  #connection: DeviceConnection | null = null;
  #wish: Wish = { stream: '', quality: '' };
  status: SlotStatus | null = null;
  error: SwitchError | null = null;
  sound: Sound | null = null;
  #output: SoundOutput | null = null;

  constructor(index: number, changed: () => void) {
    this.index = index;
    this.#changed = changed;
  }

  /** The same function in every render, so that React calls it only when the video comes or goes. */
  readonly ref = (video: HTMLVideoElement | null): void => {
    if (this.#video) {
      this.#video.srcObject = null;
      this.#source?.detach(this.#video);
    }
    this.#video = video;
    this.#play();
  };

  want(connection: DeviceConnection, wish: Wish): void {
    const { stream, quality, paused } = this.#wish;
    const isNew = wish.stream !== stream || wish.quality !== quality;
    if (connection === this.#connection && !isNew && wish.paused === paused) {
      return;
    }
    this.#connection = connection;
    this.#wish = wish;
    if (wish.stream === '') {
      connection.release(this);
      this.status = null;
    } else {
      connection.want(this, wish);
    }
    if (isNew) {
      this.error = null;
      this.#changed();
    }
  }

  /** The picture stays: its place may be taken by the same camera, or the video is gone in a moment. */
  leave(): void {
    this.#connection?.release(this);
    this.#connection = this.status = this.error = null;
  }

  onTrack(track: SlotTrack): void {
    // The same one after every switch; given to the video anew, it would start over.
    if (track !== this.#track) {
      this.#video && this.#source?.detach(this.#video);
      this.#track = track;
      this.#play();
    }
  }

  onStatus(status: SlotStatus): void {
    this.status = status;
    // After a failed switch, `active` is what plays on, and the error stays.
    if (status.status === 'active' && status.stream === resolveStreamName(this.#wish.stream, this.#wish.quality)) {
      this.error = null;
    }
    this.#changed();
  }

  onSwitchFailed(error: SwitchError): void {
    // The other reasons are a newer wish, and a lost session, which the connection explains and replays.
    if (error.reason === 'error' || error.reason === 'timeout') {
      this.error = error;
      this.#changed();
    }
  }

  onSound(sound: Sound | null): void {
    this.sound = sound;
    const track = sound?.track ?? null;
    if (track !== (this.#output?.track ?? null)) {
      this.#output?.close();
      this.#output = track && new SoundOutput(track, playAloud);
    }
    this.#changed();
  }

  /** The track, where it is no MediaStreamTrack. */
  get #source(): SlotSource | null {
    return this.#track && 'attach' in this.#track ? this.#track : null;
  }

  #play(): void {
    const video = this.#video;
    if (video && this.#track) {
      if ('attach' in this.#track) {
        video.srcObject = null;
        this.#track.attach(video);
      } else {
        video.srcObject = new MediaStream([this.#track]);
      }
      video.play().catch(() => {
        // Browsers let a video begin by itself only without sound.
        video.muted = true;
        // Rejected again if the video is gone by then, which does no harm.
        video.play().catch(() => {});
      });
    }
  }
}

/** Before the reader's first click browsers play no sound. */
function playAloud(output: SoundOutput): void {
  const { element } = output;
  element.play().catch(({ name }: DOMException) => {
    if (name === 'NotAllowedError') {
      // An output that was closed meanwhile has nothing to play.
      element.ownerDocument.addEventListener('pointerup', () => playAloud(output), { once: true });
    }
  });
}
