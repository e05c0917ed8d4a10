import type { ListeningMessage } from '../../../src/protocol/messages.ts';
import type { AudioFormat, AudioUnit } from '../media/audio-unit.ts';
import type { Stream } from '../streams/stream.ts';
import type { AudioHandle, AudioSink } from '../streams/stream-source.ts';
import type { SoundTrack } from './outlet.ts';

type Word = Omit<ListeningMessage, 'type' | 'slot'>;
type Tell = (message: ListeningMessage) => void;

/** A slot, as far as its sound goes. */
export interface Heard {
  /** The sound on its track; null for none. */
  readonly shown: Stream | null;
}

/**
 * Lets a viewer hear the stream of one slot, and after the slot's switches the next one. The answer to a request says what is
 * known by then; each change after it is told in a message without a request id.
 */
export class Ear {
  readonly #track: SoundTrack | null;
  readonly #tell: Tell;
  #slot = -1;
  #heard: Heard | null = null;
  #stream: Stream | null = null;
  #listening: AudioHandle | null = null;
  /** The facts known about the sound. */
  #word: Word = {};

  /** @param track null where the viewer's offer has none */
  constructor(track: SoundTrack | null, tell: Tell) {
    this.#track = track;
    this.#tell = tell;
  }

  /** @param heard null for silence, and then the slot is -1 */
  listen(slot: number, heard: Heard | null, requestId: string | undefined): void {
    this.#slot = slot;
    this.#heard = heard;
    this.#follow();
    if (heard !== null && this.#track === null) {
      this.#word = { error: 'the offer has no m-line for sound', code: 'no-line' };
    }
    this.#say(requestId);
  }

  /** Something has changed in a slot. */
  review(slot: number): void {
    if (slot === this.#slot && this.#follow()) {
      this.#say(undefined);
    }
  }

  close(): void {
    this.#heard = null;
    this.#follow();
  }

  /** @returns whether the stream is another one */
  #follow(): boolean {
    const stream = this.#heard?.shown ?? null;
    if (stream === this.#stream) {
      return false;
    }
    const before = this.#listening;
    this.#stream = stream;
    this.#word = {};
    this.#listening = null;
    this.#track?.restart(this.#slot);
    if (stream !== null && this.#track !== null) {
      // Opened before the other is closed: an encoder that is behind both goes on.
      this.#listening = stream.listen(this.#sinkOf(stream, this.#track));
    }
    before?.close();
    return true;
  }

  #sinkOf(stream: Stream, track: SoundTrack): AudioSink {
    let format: AudioFormat | null = null;
    // Changes while the stream is being opened become part of the answer.
    const learn = (word: Word) => {
      this.#word = word;
      if (this.#listening !== null) {
        this.#say(undefined);
      }
    };
    return {
      takes: (codec) => track.takes(codec),
      format: (next) => {
        if (this.#stream === stream) {
          format = next;
          track.restart(this.#slot);
          learn({ codec: next.codec });
        }
      },
      unit: (unit: AudioUnit, pickedUp: number) => {
        if (this.#stream === stream && format !== null) {
          track.send(unit, format, pickedUp);
        }
      },
      silent: (code, error) => {
        if (this.#stream === stream) {
          format = null;
          track.restart(this.#slot);
          learn({ error, code });
        }
      },
    };
  }

  #say(requestId: string | undefined): void {
    this.#tell({
      type: 'multistream/listening',
      slot: this.#slot,
      ...this.#word,
      ...(requestId === undefined ? {} : { request_id: requestId }),
    });
  }
}
