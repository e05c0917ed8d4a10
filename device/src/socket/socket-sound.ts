import { writePictureHeader } from '../../../src/protocol/picture-message.ts';
import { durationOf } from '../media/audio-duration.ts';
import type { AudioCodec, AudioFormat, AudioUnit } from '../media/audio-unit.ts';
import { fragment, initSegment, soundFormat } from '../media/fmp4.ts';
import type { SoundTrack } from '../sessions/outlet.ts';
import type { Movie } from './movie.ts';
import type { Lane, SocketLink } from './socket-link.ts';

export interface SocketSoundOptions {
  readonly link: SocketLink;
  /** Null where each message has a header, and each run its own init segment. */
  readonly movie: Movie | null;
  takes(codec: AudioCodec): boolean;
  /**
   * The time of a picture of this slot that comes at `moment` (ms, monotonic): ticks of 90 kHz, without wrap; null before the
   * first picture.
   */
  timeIn(slot: number, moment: number): number | null;
  /** Is told of everything that goes out. */
  sent(bytes: number): void;
}

/** Frames of one run: where it began, and how late its frames come. */
interface Run {
  readonly format: AudioFormat;
  /** Ticks of the sound's clock that lie between the camera's count and the time on the slot; null while the run settles. */
  shift: number | null;
  /** Frames that wait for that. */
  early: AudioUnit[];
  /** Ticks of the first frame. */
  readonly since: number;
  /** The least that a frame came after its time since the last look: seconds. */
  late: number;
  /** How long the frames since then last: ticks. */
  unseen: number;
}

interface Waiting {
  readonly ticks: number;
  readonly duration: number;
  readonly data: Buffer;
}

/** How long (seconds) a run is listened to, before its time is set by those of its frames that came with the least delay. */
const settling = 0.08;
/** Seconds of sound between two looks at whether it is still in step with the pictures, and how far (seconds) it may be off. */
const lookEvery = 2;
const mostOff = 0.06;
/** Frames that may wait for room on the link: one or two seconds. */
const mostWaiting = 60;

/**
 * The sound of the slot that is heard, on the way to MediaSource: an init segment for each run, and fragments on the time of the
 * slot's pictures. What a camera sends at the same moment gets the same time.
 */
export class SocketSound implements SoundTrack, Lane {
  readonly #options: SocketSoundOptions;
  #slot = 0;
  #run: Run | null = null;
  #waiting: Waiting[] = [];
  #sequence = 0;
  /** Frames may go out. */
  #hasBegun: boolean;

  constructor(options: SocketSoundOptions) {
    this.#options = options;
    this.#hasBegun = options.movie === null;
  }

  /** The init segment of the file has gone out. */
  begin(): void {
    this.#hasBegun = true;
    if (this.#waiting.length > 0) {
      this.#options.link.join(this);
    }
  }

  takes(codec: AudioCodec): boolean {
    return this.#options.takes(codec);
  }

  restart(slot: number): void {
    this.#slot = slot;
    this.#run = null;
    this.#drop();
  }

  send(unit: AudioUnit, format: AudioFormat, pickedUp: number): void {
    const time = this.#options.timeIn(this.#slot, pickedUp);
    const duration = durationOf(unit.data, format);
    if (time === null || duration === 0) {
      return;
    }
    this.#run ??= { format, shift: null, early: [], since: unit.ticks, late: Number.POSITIVE_INFINITY, unseen: 0 };
    const run = this.#run;
    const late = time / pictureRate - (unit.ticks + duration + (run.shift ?? 0)) / format.clockRate;
    run.late = Math.min(run.late, late);
    run.unseen += duration;
    const isSeen = run.unseen >= lookEvery * format.clockRate;
    if (run.shift === null) {
      this.#settle(run, unit, duration);
    } else if (isSeen && Math.abs(run.late) > mostOff) {
      // The slot's time was taken up anew, or the camera's clocks are two.
      this.restart(this.#slot);
    } else {
      this.#queue(run, unit);
      run.late = isSeen ? Number.POSITIVE_INFINITY : run.late;
      run.unseen = isSeen ? 0 : run.unseen;
    }
  }

  /** All frames that wait go in one message, so that sound has its turn beside many pictures. */
  sendNext(): boolean {
    const [first] = this.#waiting;
    if (first !== undefined && this.#run !== null) {
      const samples = this.#waiting.map(({ duration, data }) => ({ duration, keyframe: true, data }));
      this.#waiting = [];
      const track = this.#options.movie === null ? 1 : soundTrack;
      this.#write('sound', first.ticks, fragment({ track, sequence: ++this.#sequence, time: first.ticks, samples }));
    }
    return false;
  }

  #settle(run: Run, unit: AudioUnit, duration: number): void {
    const { format, early } = run;
    early.push(unit);
    if (unit.ticks + duration - run.since < settling * format.clockRate && early.length < mostWaiting) {
      return;
    }
    const track = soundFormat(format);
    if (track === null) {
      run.early = [];
      return;
    }
    run.shift = Math.round(run.late * format.clockRate);
    run.late = Number.POSITIVE_INFINITY;
    run.early = [];
    const { movie } = this.#options;
    if (movie === null) {
      this.#write('sound-init', (early[0] as AudioUnit).ticks + run.shift, initSegment([track]));
    } else if (!movie.decide(track)) {
      run.early = [];
      return;
    }
    for (const each of early) {
      this.#queue(run, each);
    }
  }

  #queue({ format, shift }: Run, unit: AudioUnit): void {
    const { data } = unit;
    const ticks = unit.ticks + (shift ?? 0);
    if (ticks < 0) {
      // It was picked up before the first picture, or the camera's clock has jumped back to before that.
      return;
    }
    this.#waiting.push({ ticks, duration: durationOf(data, format), data });
    if (this.#waiting.length > mostWaiting) {
      this.restart(this.#slot);
    } else if (this.#hasBegun) {
      this.#options.link.join(this);
    }
  }

  #drop(): void {
    this.#waiting = [];
    this.#options.link.leave(this);
  }

  #write(kind: 'sound-init' | 'sound', ticks: number, data: Buffer): void {
    const clockRate = this.#run?.format.clockRate ?? pictureRate;
    const timestamp = Math.round((ticks * pictureRate) / clockRate) % 2 ** 32;
    const header = writePictureHeader({ kind, keyframe: true, slot: this.#slot, timestamp });
    this.#options.link.send(this.#options.movie === null ? [header, data] : [data]);
    this.#options.sent(data.length);
  }
}

/** The number of the sound's track in a file that has pictures too. */
const soundTrack = 2;
/** Ticks a second of the pictures' time. */
const pictureRate = 90_000;
