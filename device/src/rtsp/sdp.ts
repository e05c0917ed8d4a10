/** One `m=` section of a description. */
export interface SdpMedia {
  /** `video`, `audio`, `application` … */
  readonly kind: string;
  /** RTP payload formats, in the order in which the camera lists them. */
  readonly formats: readonly SdpFormat[];
  /** `a=control`; null where there is none. */
  readonly control: string | null;
  /** `sendrecv`, `recvonly`, `sendonly`, `inactive`; null where none is said. Cameras mix the first three up. */
  readonly direction: string | null;
}

export interface SdpFormat {
  readonly payloadType: number;
  /** In upper case: `H264`, `H265`, `PCMA`, `MPEG4-GENERIC`. */
  readonly encoding: string;
  /** Ticks a second. */
  readonly clockRate: number;
  readonly channels: number;
  /** Names in lower case. */
  readonly parameters: ReadonlyMap<string, string>;
}

export interface Sdp {
  readonly control: string | null;
  readonly media: readonly SdpMedia[];
}

/**
 * Reads the lines of an SDP that a client of cameras needs (RFC 8866, RFC 2326 appendix C), and looks at no others: many
 * cameras write `o=`, `c=` and `t=` wrongly or not at all.
 */
export function parseSdp(text: string): Sdp {
  const sections: Section[] = [{ kind: '', types: [], attributes: [] }];
  for (const line of text.split(/\r\n|\n|\r/).slice(0, mostLines)) {
    // Trimmed apart: an expression that does both takes a time quadratic in the number of spaces.
    const [, type, rest = ''] = /^([a-z])=(.*)$/s.exec(line.trim()) ?? [];
    const value = rest.trim();
    if (type === 'm' && sections.length <= mostMedia) {
      const [kind = '', , , ...types] = value.split(/\s+/);
      sections.push({ kind: kind.toLowerCase(), types: types.slice(0, mostFormats), attributes: [] });
    } else if (type === 'a') {
      const colon = value.indexOf(':');
      const name = (colon === -1 ? value : value.slice(0, colon)).toLowerCase();
      sections.at(-1)?.attributes.push([name, colon === -1 ? '' : value.slice(colon + 1).trim()]);
    }
  }
  const [session, ...media] = sections;
  return { control: find(session?.attributes ?? [], 'control'), media: media.map(toMedia) };
}

interface Section {
  kind: string;
  types: string[];
  attributes: [name: string, value: string][];
}

function toMedia({ kind, types, attributes }: Section): SdpMedia {
  const formats = types
    .filter((type) => /^\d{1,3}$/.test(type) && Number(type) < 128)
    .flatMap((type) => toFormat(Number(type), attributes) ?? []);
  return {
    kind,
    formats,
    control: find(attributes, 'control'),
    direction: attributes.find(([name]) => /^(sendrecv|recvonly|sendonly|inactive)$/.test(name))?.[0] ?? null,
  };
}

/** Null for a payload type that says nothing about itself. */
function toFormat(payloadType: number, attributes: Section['attributes']): SdpFormat | null {
  const ofType = (wanted: string) =>
    attributes.flatMap(([name, value]) => {
      // Trimmed apart, as above: a camera may send a million spaces.
      const type = /^\d+(?=\s)/.exec(name === wanted ? value : '')?.[0];
      return type !== undefined && Number(type) === payloadType ? [value.slice(type.length).trim()] : [];
    });
  const map = ofType('rtpmap')[0] ?? staticTypes[payloadType];
  const [, encoding, clock, channels] = /^([^/\s]+)\s*(?:\/\s*(\d{1,9}))?(?:\/(\d{1,2}))?/.exec(map ?? '') ?? [];
  if (encoding === undefined) {
    return null;
  }
  const parameters = new Map<string, string>();
  for (const part of ofType('fmtp').join(';').split(';')) {
    const equals = part.indexOf('=');
    if (equals > 0) {
      parameters.set(part.slice(0, equals).trim().toLowerCase(), part.slice(equals + 1).trim());
    }
  }
  return {
    payloadType,
    encoding: encoding.toUpperCase(),
    clockRate: Number(clock ?? 0) || 90_000,
    channels: Number(channels ?? 1) || 1,
    parameters,
  };
}

function find(attributes: Section['attributes'], name: string): string | null {
  return attributes.find(([other]) => other === name)?.[1] ?? null;
}

/** RFC 3551 section 6: those that cameras use without a=rtpmap. */
const staticTypes: Record<number, string> = {
  0: 'PCMU/8000',
  8: 'PCMA/8000',
  9: 'G722/8000',
  10: 'L16/44100/2',
  11: 'L16/44100/1',
  14: 'MPA/90000',
  26: 'JPEG/90000',
  32: 'MPV/90000',
  33: 'MP2T/90000',
};

const mostLines = 2000;
const mostMedia = 32;
const mostFormats = 32;
