/** Reads the lines of a session description (RFC 8866) by section. It knows no attribute: `offer.ts` does. */

/** A part of a description: what stands before the first m-line, or one m-line with what follows it. */
export interface Section {
  /** The values of every attribute by name, in order; '' for an attribute without a value. */
  readonly attributes: ReadonlyMap<string, readonly string[]>;
}

export interface MediaSection extends Section {
  /** `video`, `audio`, `application`, or another kind. */
  readonly kind: string;
  readonly port: number;
  /** `UDP/TLS/RTP/SAVPF`, for example. */
  readonly protocol: string;
  /** Payload types, for RTP. */
  readonly formats: readonly string[];
}

export interface Description {
  readonly session: Section;
  readonly media: readonly MediaSection[];
}

/** More m-lines than any client of ours offers: 64 slots and their like of other kinds. */
const mostMedia = 256;
/** `m=KIND PORT PROTOCOL FORMAT …`; an answer repeats these words, so each has a bound. */
const mediaLine = /^m=([\w.+-]{1,32}) (\d{1,5})(?:\/\d{1,5})? ([\w/]{1,64})((?: [\w.+-]{1,64}){1,256})$/;

/** @throws {Error} for m-lines that cannot be read, or are beyond the bounds */
export function readSdp(text: string): Description {
  const lines = text.split(/\r\n|\r|\n/);
  const session = new Map<string, string[]>();
  const media: MediaSection[] = [];
  let attributes = session;
  for (const line of lines) {
    if (line.startsWith('m=')) {
      attributes = new Map();
      media.push({ ...readMediaLine(line), attributes });
      if (media.length > mostMedia) {
        throw new Error(`the sdp has more than ${mostMedia} m-lines`);
      }
    } else if (line.startsWith('a=')) {
      const colon = line.indexOf(':');
      const name = colon === -1 ? line.slice(2) : line.slice(2, colon);
      const values = attributes.get(name) ?? [];
      values.push(colon === -1 ? '' : line.slice(colon + 1).trim());
      attributes.set(name, values);
    }
  }
  return { session: { attributes: session }, media };
}

function readMediaLine(line: string): Omit<MediaSection, 'attributes'> {
  const match = mediaLine.exec(line.trim());
  if (match === null) {
    throw new Error('the sdp has an m-line that cannot be read');
  }
  const [, kind = '', port = '', protocol = '', formats = ''] = match;
  return { kind, port: Number(port), protocol, formats: formats.trim().split(' ') };
}
