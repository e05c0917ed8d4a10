/**
 * Every message of the control protocol, both directions, as discriminated unions on `type`.
 * `docs/protocol.md` explains the messages; `codec.ts` reads and writes them.
 */

/** Where a slot stands. `active` means: the first key frame of the stream was sent on the slot's track. */
export const slotStates = ['pending', 'active', 'buffering', 'offline', 'error', 'inactive', 'paused'] as const;
export type SlotState = (typeof slotStates)[number];

/**
 * Why something failed, for programs: the texts beside them are for readers. Later versions may know more codes; a
 * receiver treats one that it does not know as absent.
 */
export const errorCodes = [
  'stream-not-found',
  'codec-mismatch',
  'superseded',
  'no-slots',
  'too-many-slots',
  'invalid-slot',
  'no-session',
  'session-exists',
  'invalid-offer',
  'no-line',
  'not-bundled',
  'invalid-message',
  'unsupported',
  'unauthorized',
  'too-many-sessions',
  'too-many-messages',
  'no-audio',
  'audio-codec',
  'no-keyframe',
] as const;
export type ErrorCode = (typeof errorCodes)[number];

/**
 * Streams that a message may name to be prepared. A session keeps as many as it may have slots; one more replaces the one prepared
 * first.
 */
export const mostPrepared = 64;

/** The largest number that a slot may have. */
export const highestSlot = 65_535;

/** The stream that a client wants to see in a slot. */
export interface SlotConfig {
  /** Any integer from 0 to `highestSlot`; need not be contiguous. */
  slot: number;
  /** A configured stream; the empty string asks for a spare slot that a later switch fills. */
  stream: string;
  /** A variant, such as `360p`; empty or `native` is the stream itself. */
  quality?: string;
  /** While nothing moves in the stream, its key frames are enough. Devices that do not know it send everything. */
  calm?: boolean;
}

/** The stream that a slot really shows, and its state. */
export interface SlotStatus {
  slot: number;
  /** The resolved name: `camera1-360p` for stream `camera1` in quality `360p`. */
  stream: string;
  status: SlotState;
  /** Why, when `status` is `error` or `offline`. */
  error?: string;
  /** The same for programs, where there is a code for it. `no-keyframe` beside `buffering`: the camera sends, and nothing can be
   * shown before its next key frame. */
  code?: ErrorCode;
  /** The quality that was asked for. */
  quality?: string;
  /** The quality that is being sent, where it differs. */
  actual_quality?: string;
  /** The m-line of the slot's track (RFC 8843). Devices other than ours may leave it out. */
  mid?: string;
  /** Pixels. */
  width?: number;
  height?: number;
  /** Pixels that `width` is shown in, where the picture's own pixels are not square. */
  display_width?: number;
  /** Milliseconds between two pictures, where they are more than two seconds apart, and where `calm` is. */
  interval?: number;
  /** Beside `active`: nothing moves, and key frames alone are sent, as `calm` of the slot's wish allows. */
  calm?: boolean;
  /** The codec as SDP names it: `H264`. */
  codec?: string;
  /** RTP timestamp of the stream's first picture on the track: from it on, what is shown is this stream. */
  rtp_first?: number;
  /** RTP timestamp of the newest picture that the device had when it changed the track over: from it on, it is live. */
  rtp_live?: number;
  /** RTP timestamp of a picture, and the camera's own time for it in milliseconds since 1970; later pictures follow at 90 kHz. */
  clock_rtp?: number;
  clock_ms?: number;
}

interface Request {
  /** Chosen by the client, echoed by the device in every answer to this request. */
  request_id?: string;
}

// Client to device.

export interface InitMessage extends Request {
  type: 'multistream/init';
  slots: SlotConfig[];
  /** Pictures are to come as binary messages on this WebSocket, without an offer; see `picture-message.ts`. */
  transport?: 'socket';
  /** The codecs that the browser's MediaSource takes (RFC 6381), for `socket`: `avc1.640033`, `hvc1.1.6.L153.B0`. */
  accept?: string[];
}

/** One recvonly video m-line per slot, in the order of `init`. */
export interface OfferMessage extends Request {
  type: 'multistream/offer';
  sdp: string;
}

export interface SwitchMessage extends Request, SlotConfig {
  type: 'multistream/switch';
}

/** Stops sending, keeps the slot. */
export interface PauseMessage extends Request {
  type: 'multistream/pause';
  slot: number;
}

/** Sends again: the same stream, or another one. */
export interface ResumeMessage extends Request {
  type: 'multistream/resume';
  slot: number;
  stream?: string;
  quality?: string;
  /** Absent: not calm, whatever the slot was before. */
  calm?: boolean;
}

/** Asks for a key frame on one slot, or on all with -1. */
export interface KeyframeMessage extends Request {
  type: 'multistream/keyframe';
  slot: number;
}

/** Warms streams that the viewer is about to want, for the time that a stream lingers. Nothing of them is sent. */
export interface PrepareMessage extends Request {
  type: 'multistream/prepare';
  /** At most `mostPrepared`. */
  streams: readonly Pick<SlotConfig, 'stream' | 'quality'>[];
  /** The viewer has left these, and does not want them again soon: without viewers they need not linger. At most `mostPrepared`. */
  left?: readonly Pick<SlotConfig, 'stream' | 'quality'>[] | undefined;
}

/** Asks for the sound of one slot, and of no other; with -1 for none. It follows the slot's switches. */
export interface ListenMessage extends Request {
  type: 'multistream/listen';
  slot: number;
}

/** A candidate of the client; it has no mid, since with BUNDLE (RFC 8843) it belongs to the first m-line. */
export interface ClientIceMessage {
  type: 'multistream/ice';
  candidate: string;
}

/** Gives the device a newer token before the WebSocket's present one expires. */
export interface AuthorizeMessage extends Request {
  type: 'multistream/authorize';
  token: string;
}

export interface CloseMessage {
  type: 'multistream/close';
}

export type ClientMessage =
  | InitMessage
  | OfferMessage
  | SwitchMessage
  | PauseMessage
  | ResumeMessage
  | KeyframeMessage
  | PrepareMessage
  | ListenMessage
  | ClientIceMessage
  | AuthorizeMessage
  | CloseMessage;

// Device to client.

export interface ReadyMessage extends Request {
  type: 'multistream/ready';
  /** How many slots the session has. */
  slots: number;
  /** How many a session may have. */
  max_slots?: number;
  /** The device sends sound: the offer may end with one recvonly audio m-line. */
  audio?: boolean;
  /** Where the device is reached through a relay, for pages that name no servers of their own. */
  ice_servers?: IceServer[];
  /** The transport that `init` asked for; a device that does not echo it does not know it. */
  transport?: 'socket';
}

/** The browser's `RTCIceServer`, as it travels. */
export interface IceServer {
  urls: string[];
  username?: string;
  credential?: string;
}

export interface AnswerMessage extends Request {
  type: 'multistream/answer';
  /** Absent where `init` asked for pictures over the WebSocket: the answer then follows `ready` at once. */
  sdp?: string;
  slots: SlotStatus[];
}

export interface StatusMessage extends Request {
  type: 'multistream/status';
  slot: number;
  status: SlotStatus;
}

export interface DeviceIceMessage {
  type: 'multistream/ice';
  value: string;
}

export interface KeyframeReply extends Request {
  type: 'multistream/keyframe';
  slot: number;
  status: 'requested';
}

/** Sent at once to a client whose token expires, and as the answer to `multistream/authorize`. */
export interface AuthorizedMessage extends Request {
  type: 'multistream/authorized';
  /** Seconds until the device closes the session, if no newer token comes; absent where the token does not expire. */
  expires_in?: number;
}

/** The device is about to end. A client opens its next session beside this one; said again until it is gone. */
export interface MovingMessage {
  type: 'multistream/moving';
  reason: string;
}

/** The device has begun to warm the streams; it does not wait until they are warm. */
export interface PreparedMessage extends Request {
  type: 'multistream/prepared';
  streams: PreparedStream[];
}

export interface PreparedStream {
  /** The resolved name. */
  stream: string;
  /** Why it is not warmed. */
  error?: string;
  code?: ErrorCode;
}

/** The slot whose sound the audio m-line carries: the answer to `listen`, and without a request id each change after it. */
export interface ListeningMessage extends Request {
  type: 'multistream/listening';
  /** -1: none. */
  slot: number;
  /** As SDP names it: `OPUS`. Absent while it is not known, and where there is no sound. */
  codec?: string;
  /** Why there is no sound. */
  error?: string;
  /** `no-audio`: the camera sends none; `audio-codec`: none that the browser takes, and it cannot be encoded. */
  code?: ErrorCode;
}

/** The media connection is lost for good; the session is released. */
export interface DisconnectedMessage {
  type: 'multistream/disconnected';
  reason: string;
}

export interface ErrorMessage extends Request {
  type: 'error';
  /** `<type of the refused message>: <reason>`, as go2rtc words it. */
  value: string;
  code?: ErrorCode;
}

// Beside the walls: playing one stream, as go2rtc's clients ask for it on `/api/ws?src=NAME`.

interface Text<T extends string> {
  type: T;
  /** The SDP, or one candidate. */
  value: string;
}

interface StreamOffer extends Text<'webrtc/offer'> {
  /** Asks for the shape of the pictures beside them: WebRTC does not tell that pixels are not square. */
  shape?: boolean;
}

/** The size of the coded pictures in pixels, and the width in which they are shown. Comes again when it changes. */
export interface ShapeMessage extends Required<Pick<SlotStatus, 'width' | 'height' | 'display_width'>> {
  type: 'webrtc/shape';
}

/** An offer as Home Assistant sends it: its `value` is a description, `{type: "offer", sdp}`. */
interface DescribedOffer {
  type: 'webrtc';
  sdp: string;
}

/** The answer to a described offer. */
interface DescribedAnswer {
  type: 'webrtc';
  value: { type: 'answer'; sdp: string };
}

/**
 * Asks for the stream as fragmented MP4, in binary messages. `value` has the codecs that the client's MediaSource takes (RFC 6381),
 * separated by commas; the answer's value is the media type for its SourceBuffer.
 */
export type MseMessage = Text<'mse'>;

/** Asks for the stream as JPEG pictures in binary messages; the answer has the same type, and comes before the first of them. */
export interface MjpegMessage {
  type: 'mjpeg';
}

export type SingleStreamMessage = StreamOffer | Text<'webrtc/candidate'> | DescribedOffer | MseMessage | MjpegMessage;
export type SingleStreamReply =
  | Text<'webrtc/answer'>
  | Text<'webrtc/candidate'>
  | DescribedAnswer
  | MseMessage
  | MjpegMessage
  | ShapeMessage
  | ErrorMessage;

export type DeviceMessage =
  | ReadyMessage
  | AnswerMessage
  | StatusMessage
  | DeviceIceMessage
  | KeyframeReply
  | PreparedMessage
  | ListeningMessage
  | AuthorizedMessage
  | MovingMessage
  | DisconnectedMessage
  | ErrorMessage;
