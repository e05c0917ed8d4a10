import type { ConnectionError } from './errors.ts';
import type { ActiveMode, Mode } from './session.ts';
import { playsSingleStreams, rememberSingleStreams } from './single-stream-memory.ts';

/** The seed's default for a device; one that allows fewer refuses, and is then asked for the wished ones only. */
const defaultMaxSlots = 9;

/** More than any device has. A mistyped number would otherwise stop the page. */
const mostSlots = 64;

/** How long (ms) `auto` waits for a media connection before it lets pictures come over the WebSocket. */
const mediaTimeout = 2500;

/** How long (ms) a device may take for its first answer: go2rtc ignores messages that it does not know. */
const silence = 2000;

/** Devices that WebRTC did not reach from this page, by their URLs. */
const unreached = new Set<string>();

/** The terms on which a device opens sessions, learned from those that it refused. */
export class SessionTerms {
  #limit = Number.POSITIVE_INFINITY;
  #refusesSpare = false;
  #speaksMultistream = false;
  #bundlePolicy: RTCBundlePolicy = 'max-bundle';
  /** The device sends no pictures over its WebSocket, or the browser has no MediaSource. */
  #lacksSocket = false;
  readonly #url: string;
  readonly #mode: Mode;
  /** Whether an earlier page had to play the device in mode `webrtc`. */
  #isSingle: boolean;

  constructor(url: string, mode: Mode) {
    this.#url = url;
    this.#mode = mode;
    this.#isSingle = playsSingleStreams(url);
  }

  /** The mode that each session is tried in first. */
  get firstMode(): ActiveMode {
    if (this.#mode !== 'auto') {
      return this.#mode;
    }
    return this.#isSingle ? 'webrtc' : unreached.has(this.#url) ? 'socket' : 'multistream';
  }

  /** Milliseconds from the device's answer to the media connection, where there is another way; else undefined. */
  get mediaTimeout(): number | undefined {
    return this.#mode === 'auto' && !this.#lacksSocket ? mediaTimeout : undefined;
  }

  /** WebRTC gets through, or the network is another one, where it may. */
  reconsider(): void {
    unreached.delete(this.#url);
  }

  /** Milliseconds for a device's first answer. Once it has spoken multistream, its silence is that of a busy one: undefined. */
  get readyTimeout(): number | undefined {
    return this.#speaksMultistream ? undefined : silence;
  }

  /** The mode to try after `mode` has failed; null if the mode is settled or the failure says nothing about it. */
  modeAfter(mode: ActiveMode, { reason, code }: ConnectionError): ActiveMode | null {
    // The other way may have the codecs: Firefox's WebRTC plays H.264 with a plug-in alone, its MediaSource without.
    const hasNoMedia = reason === 'media-failed' || code === 'codec-mismatch';
    if (hasNoMedia) {
      // Chromium cannot bundle from the start with a device that rejects the first m-line.
      this.#bundlePolicy = 'balanced';
    }
    if (this.#mode !== 'auto') {
      return null;
    }
    if (mode === 'multistream' && hasNoMedia && !this.#lacksSocket) {
      unreached.add(this.#url);
      return 'socket';
    }
    if (mode === 'socket' && (hasNoMedia || reason === 'unsupported')) {
      this.#lacksSocket = true;
      this.reconsider();
      return 'multistream';
    }
    if (this.#speaksMultistream) {
      return null;
    }
    if (this.#isSingle && !hasNoMedia && reason !== 'unreachable') {
      // The device may be another one by now.
      this.#isSingle = false;
      return 'multistream';
    }
    if (reason === 'unsupported') {
      return mode === 'multistream' ? 'webrtc' : 'iframe';
    }
    // A page of the device's may know other ways than WebRTC.
    return mode === 'webrtc' && (hasNoMedia || reason === 'timeout') ? 'iframe' : null;
  }

  /** How many slots the device allows. */
  get limit(): number {
    return this.#limit;
  }

  /** `max-bundle` opens sooner: one transport serves all tracks. */
  get bundlePolicy(): RTCBundlePolicy {
    return this.#bundlePolicy;
  }

  /** How many slots to ask for, spare ones included. */
  size(maxSlots = defaultMaxSlots): number {
    return this.#refusesSpare ? 0 : Math.min(maxSlots, this.#limit, mostSlots);
  }

  /** Learns from a session that was opened. */
  accept(mode: ActiveMode): void {
    if (this.#mode === 'auto' && !this.#speaksMultistream) {
      rememberSingleStreams(this.#url, mode === 'webrtc');
    }
    mode === 'multistream' && this.reconsider();
    this.#speaksMultistream ||= mode === 'multistream' || mode === 'socket';
  }

  /**
   * Learns from a session that was not opened.
   * @param size how many slots it would have had
   * @param wished how many of them were not spare
   * @returns whether the device may open one on the new terms
   */
  learn(error: ConnectionError, size: number, wished: number): boolean {
    const { slotLimit } = error;
    // A device that refuses slots or sessions knows them: it speaks multistream.
    this.#speaksMultistream ||= error.reason === 'refused';
    if (slotLimit !== null && slotLimit < size && slotLimit > 0) {
      this.#limit = slotLimit;
      return true;
    }
    if (error.reason === 'refused' && size > wished) {
      // The device does not say how many it allows, so the next session asks for no spare ones.
      this.#refusesSpare = true;
      return true;
    }
    return false;
  }
}
