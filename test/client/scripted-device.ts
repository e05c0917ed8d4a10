import type { Socket } from '../../src/client/socket.ts';
import { encode, type Framing, openEnvelope } from '../../src/protocol/codec.ts';
import type { DeviceMessage, IceServer, SlotConfig, SlotStatus } from '../../src/protocol/messages.ts';
import { resolveStreamName } from '../../src/protocol/stream-name.ts';

export interface Script {
  /** Which streams there are, and the colour that each one shows. */
  streams?: Record<string, string>;
  /** The only framing that the device reads and writes. */
  framing?: Exclude<Framing, 'both'>;
  /** Names the m-line of each slot, and so knows spare slots; others skip what they cannot show. */
  mids?: boolean;
  /** Its statuses say which request they answer. The forks of go2rtc do not, and name no `max_slots` either. */
  echoesRequestIds?: boolean;
  maxSlots?: number;
  /** Says how many slots it allows when it refuses more. */
  namesLimit?: boolean;
  /** The relays that it names. */
  iceServers?: readonly object[];
  /** Message types that it never answers. */
  deaf?: readonly string[];
  /** Candidates are lost on the way, both its own and the page's. */
  hidesCandidates?: boolean;
  /** What it says of its pictures' shape to single streams that ask. It plays single streams only if this is set. */
  shape?: { width: number; height: number; display_width: number } | null;
  /** How many milliseconds after its `active` a switch comes to the track; null for never. */
  switchDelay?: number | null;
}

/** An option that TypeScript does not know yet. */
const keyFrame = { encodingOptions: [{ keyFrame: true }] } as RTCSetParameterOptions;

const colours = { red: '#ff0000', green: '#00ff00', blue: '#0000ff', yellow: '#ffff00' };

/**
 * A device in the page: it follows its script on the control channel, and sends real WebRTC from canvases of one
 * colour. `createSocket` stands for the network.
 */
export class ScriptedDevice {
  readonly #script: Required<Script>;
  /** Everything that clients have said, as `{type, ...fields}`. */
  readonly heard: ({ type: string } & Record<string, unknown>)[] = [];
  readonly sessions: ScriptedSession[] = [];

  constructor(script: Script = {}) {
    const defaults = {
      streams: colours,
      framing: 'flat',
      mids: true,
      echoesRequestIds: true,
      maxSlots: 9,
      namesLimit: true,
      iceServers: [],
      deaf: [],
      hidesCandidates: false,
      shape: null,
      switchDelay: 0,
    };
    this.#script = { ...defaults, ...script } as Required<Script>;
  }

  /** While true, no client reaches it; attempts are counted. */
  #unplugged = false;
  attempts = 0;

  readonly createSocket = (url: string): Socket => {
    this.attempts += 1;
    const session = new ScriptedSession(url, this.#script, (type, fields) => this.heard.push({ type, ...fields }));
    this.sessions.push(session);
    if (this.#unplugged) {
      session.cut();
    }
    return session.socket;
  };

  get newest(): ScriptedSession {
    const session = this.sessions.at(-1);
    if (session === undefined) {
      throw new Error('no client has connected');
    }
    return session;
  }

  /** Lets no client in until `plugIn`. @param sessions those that are cut, by default all */
  unplug(sessions: readonly ScriptedSession[] = this.sessions): void {
    this.#unplugged = true;
    for (const session of sessions) {
      session.cut();
    }
  }

  plugIn(): void {
    this.#unplugged = false;
  }

  heardTypes(): string[] {
    return this.heard.map(({ type }) => type).filter((type) => type !== 'multistream/ice');
  }

  stop(): void {
    for (const session of this.sessions) {
      session.stop();
    }
  }
}

type Hear = (type: string, fields: Record<string, unknown>) => void;

class ScriptedSession {
  readonly socket: Socket;
  readonly peer = new RTCPeerConnection();
  readonly script: Required<Script>;
  readonly #hear: Hear;
  #held: { type: string; answers: (() => void)[] } | null = null;
  readonly #cameras = new Map<string, Camera>();
  readonly #senders = new Map<number, RTCRtpSender>();
  #slots: SlotConfig[] = [];
  #described: Promise<void> | null = null;

  constructor(url: string, script: Required<Script>, hear: Hear) {
    this.script = script;
    this.#hear = hear;
    const socket = {
      url,
      readyState: WebSocket.CONNECTING as number,
      onopen: null,
      onmessage: null,
      onclose: null,
      onerror: null,
      // As on a real network, nothing is answered within the call.
      send: (text: string) => queueMicrotask(() => this.#receive(text)),
      close: () => this.stop(),
    } as Socket & { readyState: number };
    this.socket = socket;
    queueMicrotask(() => {
      if (socket.readyState === WebSocket.CONNECTING) {
        socket.readyState = WebSocket.OPEN;
        socket.onopen?.call(socket as WebSocket, new Event('open'));
      }
    });
    this.peer.onicecandidate = ({ candidate }) => {
      if (candidate?.candidate && !script.hidesCandidates && this.#slots.length > 0) {
        this.say({ type: 'multistream/ice', value: candidate.candidate });
      }
    };
  }

  /** Messages of this type are answered only after `release`. */
  hold(type: string): void {
    this.#held = { type, answers: [] };
  }

  release(): void {
    const answers = this.#held?.answers ?? [];
    this.#held = null;
    for (const answer of answers) {
      answer();
    }
  }

  say(message: DeviceMessage): void {
    this.sayRaw(encode(message, this.script.framing));
  }

  sayRaw(data: string): void {
    this.socket.onmessage?.call(this.socket as WebSocket, new MessageEvent('message', { data }));
  }

  /** As when the cable is cut: the WebSocket closes by itself. */
  cut(): void {
    this.stop();
    queueMicrotask(() => this.socket.onclose?.call(this.socket as WebSocket, new CloseEvent('close', { code: 1006 })));
  }

  stop(): void {
    (this.socket as { readyState: number }).readyState = WebSocket.CLOSED;
    this.peer.close();
    for (const camera of this.#cameras.values()) {
      camera.stop();
    }
  }

  #receive(text: string): void {
    const { type, fields } = openEnvelope(this.#readable(text));
    this.#hear(type, fields);
    if (this.#held?.type === type) {
      this.#held.answers.push(() => this.#answer(type, fields));
    } else if (!this.script.deaf.includes(type)) {
      this.#answer(type, fields);
    }
  }

  /** A device of one framing sees nothing of the other one. */
  #readable(text: string): string {
    const { type, value, ...flat } = JSON.parse(text);
    if (type.startsWith('webrtc/')) {
      return text;
    }
    return JSON.stringify(this.script.framing === 'flat' ? { type, ...flat } : { type, value: value ?? {} });
  }

  #answer(type: string, fields: Record<string, unknown>): void {
    const id = { request_id: String(fields.request_id) };
    if (type === 'multistream/init') {
      this.#slots = (fields.slots ?? []) as SlotConfig[];
      const { maxSlots } = this.script;
      if (this.#slots.length > maxSlots) {
        this.say({
          type: 'error',
          value: `${type}: too many slots requested${this.script.namesLimit ? ` (at most ${maxSlots})` : ''}`,
        });
      } else if (
        !this.script.mids &&
        !this.#slots.some(({ stream, quality }) => this.#has(resolveStreamName(stream, quality)))
      ) {
        this.say({ type: 'error', value: `${type}: no valid slots could be created` });
      } else {
        const { iceServers, echoesRequestIds } = this.script;
        const named = iceServers.length > 0 ? { ice_servers: iceServers as IceServer[] } : {};
        const limit = echoesRequestIds ? { max_slots: maxSlots } : {};
        this.say({ type: 'multistream/ready', ...id, slots: this.#slots.length, ...limit, ...named });
      }
    } else if (type === 'multistream/offer') {
      this.#described = this.peer.setRemoteDescription({ type: 'offer', sdp: String(fields.sdp) });
      this.#answerOffer(id);
    } else if (type === 'webrtc/offer' && this.script.shape !== null) {
      this.#answerSingle(String(fields.value), fields.shape === true);
    } else if (type === 'multistream/ice' || type === 'webrtc/candidate') {
      this.#addCandidate(String(fields.candidate ?? fields.value));
    } else if (type === 'multistream/switch') {
      this.#switch(fields as unknown as SlotConfig, this.script.echoesRequestIds ? id : {});
    }
  }

  async #addCandidate(candidate: string): Promise<void> {
    await this.#described;
    if (!this.script.hidesCandidates && this.peer.remoteDescription !== null && this.peer.signalingState !== 'closed') {
      await this.peer.addIceCandidate({ candidate, sdpMLineIndex: 0 });
    }
  }

  async #answerOffer(id: { request_id: string }): Promise<void> {
    await this.#described;
    const lines = this.peer.getTransceivers();
    const slots = this.script.mids
      ? this.#slots
      : this.#slots.filter(({ stream, quality }) => this.#has(resolveStreamName(stream, quality)));
    const statuses = slots.map(({ slot, stream, quality }, i): SlotStatus => {
      const line = lines[i] as RTCRtpTransceiver;
      const name = resolveStreamName(stream, quality);
      line.direction = 'sendonly';
      this.#senders.set(slot, line.sender);
      this.show(slot, name);
      const mid = this.script.mids && line.mid !== null ? { mid: line.mid } : {};
      if (stream === '' || this.#has(name)) {
        return { slot, stream: name, status: stream === '' ? 'inactive' : 'active', ...mid };
      }
      return { slot, stream: name, status: 'error', error: 'stream not found', ...mid };
    });
    await this.peer.setLocalDescription();
    const { hidesCandidates } = this.script;
    // In no order that a client could rely on.
    this.say({
      type: 'multistream/answer',
      ...id,
      sdp: this.peer.localDescription?.sdp.replace(hidesCandidates ? /^a=candidate.*\r\n/gm : '', '') ?? '',
      slots: statuses.reverse(),
    });
  }

  /** One stream in go2rtc's words, with all candidates in the answer. */
  async #answerSingle(sdp: string, asksShape: boolean): Promise<void> {
    this.#described = this.peer.setRemoteDescription({ type: 'offer', sdp });
    await this.#described;
    const [line] = this.peer.getTransceivers() as [RTCRtpTransceiver];
    line.direction = 'sendonly';
    this.#senders.set(0, line.sender);
    this.show(0, new URL(this.socket.url).searchParams.get('src') ?? '');
    await this.peer.setLocalDescription();
    const gathered = () => this.peer.iceGatheringState === 'complete';
    while (!gathered() && !this.script.hidesCandidates) {
      await new Promise((resolve) => this.peer.addEventListener('icegatheringstatechange', resolve, { once: true }));
    }
    const { hidesCandidates, shape } = this.script;
    const value = this.peer.localDescription?.sdp ?? '';
    this.sayRaw(
      JSON.stringify({
        type: 'webrtc/answer',
        value: hidesCandidates ? value.replace(/^a=candidate.*\r\n/gm, '') : value,
      }),
    );
    if (asksShape) {
      this.sayRaw(JSON.stringify({ type: 'webrtc/shape', ...shape }));
    }
  }

  #switch({ slot, stream, quality }: SlotConfig, id: { request_id?: string }): void {
    const name = resolveStreamName(stream, quality);
    const status = (status: SlotStatus): void => this.say({ type: 'multistream/status', slot, status, ...id });
    if (!this.#senders.has(slot)) {
      status({ slot, stream: name, status: 'error', error: 'invalid slot index' });
      return;
    }
    status({ slot, stream: name, status: 'buffering' });
    if (this.#has(name)) {
      this.#showLater(slot, name);
      status({ slot, stream: name, status: 'active' });
    } else {
      status({ slot, stream: name, status: 'error', error: 'stream not found' });
    }
  }

  #showLater(slot: number, name: string): void {
    const { switchDelay } = this.script;
    if (switchDelay === 0) {
      this.show(slot, name);
      return;
    }
    // The old camera is gone at once, as with a fork of go2rtc.
    this.#senders.get(slot)?.replaceTrack(null);
    if (switchDelay !== null) {
      setTimeout(() => this.show(slot, name), switchDelay);
    }
  }

  /** Puts a camera on the track of a slot. */
  show(slot: number, name: string): void {
    const colour = this.script.streams[name];
    if (colour !== undefined) {
      const camera = this.#cameras.get(name) ?? new Camera(colour);
      this.#cameras.set(name, camera);
      const sender = this.#senders.get(slot);
      // A camera begins with a key frame.
      sender?.replaceTrack(camera.track).then(() => {
        if (this.peer.connectionState === 'connected') {
          sender.setParameters(sender.getParameters(), keyFrame);
        }
      });
    }
  }

  #has(name: string): boolean {
    return name in this.script.streams;
  }
}

/** A canvas of one colour at 25 frames a second. */
class Camera {
  readonly track: MediaStreamTrack;
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(colour: string) {
    const canvas = document.createElement('canvas');
    canvas.width = 160;
    canvas.height = 90;
    const context = canvas.getContext('2d') as CanvasRenderingContext2D;
    const draw = () => {
      context.fillStyle = colour;
      context.fillRect(0, 0, canvas.width, canvas.height);
    };
    draw();
    this.track = canvas.captureStream(25).getVideoTracks()[0] as MediaStreamTrack;
    this.#timer = setInterval(draw, 40);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.track.stop();
  }
}
