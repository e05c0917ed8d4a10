/**
 * Writes the two descriptions of a negotiation: the offer that the WebRTC library is given, which has one m-line and
 * nothing that a viewer wrote but its keys, and the answer to the viewer's own offer.
 */

import {
  isUsable,
  type Offer,
  type OfferedAudio,
  type OfferedLine,
  type OfferedVideo,
  playoutDelay,
  type Transport,
} from './offer.ts';

/** The one m-line that the library knows. */
export const libraryMid = '0';
export const libraryFormat = { payloadType: 96, parameters: 'packetization-mode=1;profile-level-id=42e01f' };

/**
 * Offers the library one video m-line over a viewer's transport.
 *
 * Where the viewer's offer leaves the choice to us (`actpass`), the viewer begins the DTLS handshake. RFC 5763 section 5 recommends
 * that the answerer begins, who need not wait for the answer; but ICE waits for it in any case. The viewer answers the device's
 * checks before its own are answered, so a first flight of the device's would come too early: Firefox (153) and libdatachannel drop
 * it, and the library here repeats it after a second. Firefox lost that second each time (connected after 1,020 ms, and after 25 if it
 * begins; n 60). A browser that begins too early repeats its flight after 50 ms.
 */
export function writeLibraryOffer({ user, password, fingerprint, setup }: Transport): string {
  const { payloadType, parameters } = libraryFormat;
  const role = setup === 'actpass' ? 'active' : setup;
  return join([
    ...['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 't=0 0', `a=group:BUNDLE ${libraryMid}`],
    ...[`m=video 9 UDP/TLS/RTP/SAVPF ${payloadType}`, 'c=IN IP4 0.0.0.0', `a=mid:${libraryMid}`],
    ...[`a=ice-ufrag:${user}`, `a=ice-pwd:${password}`, 'a=ice-options:trickle'],
    ...[`a=fingerprint:${fingerprint}`, `a=setup:${role}`, 'a=recvonly', 'a=rtcp-mux'],
    ...[`a=rtpmap:${payloadType} H264/90000`, `a=fmtp:${payloadType} ${parameters}`],
  ]);
}

/** The sender on an m-line. */
export interface Source {
  ssrc: number;
  /** Its msid and its track's id: Chromium refuses an msid that two m-lines share. */
  name: string;
  /** All sources of a connection share it: their sender reports are of one clock (RFC 3550 section 6.5.1). */
  cname: string;
}

/**
 * @param transport ours
 * @param sources by mid: what is sent on which m-line, null for nothing. Such a line, and the line that carries the
 * transport of its group, are answered as inactive, so that the connection comes about; every other one is rejected
 */
export function writeAnswer(
  { lines, videos, audio, bundled, carrier }: Offer,
  transport: Transport,
  sources: ReadonlyMap<string, Source | null>,
): string {
  const isAccepted = ({ mid }: OfferedLine) => mid !== null && (sources.has(mid) || mid === carrier);
  const group = lines.filter(isAccepted).map(({ mid }) => mid);
  return join([
    ...['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 't=0 0'],
    ...(bundled ? [`a=group:BUNDLE ${group.join(' ')}`] : []),
    'a=msid-semantic:WMS *',
    ...lines.flatMap((line) => {
      const source = sources.get(line.mid ?? '') ?? null;
      const video = videos.filter(isUsable).find(({ mid }) => mid === line.mid);
      if (source !== null && video !== undefined) {
        return [
          ...accepted(
            line,
            transport,
            video.formats.map(({ payloadType }) => payloadType),
          ),
          ...sending(video, source),
        ];
      }
      if (source !== null && audio !== null && audio.mid === line.mid) {
        return [
          ...accepted(
            line,
            transport,
            audio.formats.map(({ payloadType }) => payloadType),
          ),
          ...sounding(audio, source),
        ];
      }
      return isAccepted(line) ? [...accepted(line, transport, [line.format.name]), ...inactive(line)] : rejected(line);
    }),
  ]);
}

function rejected({ kind, protocol, format, mid }: OfferedLine): string[] {
  return [
    `m=${kind} 0 ${protocol} ${format.name}`,
    'c=IN IP4 0.0.0.0',
    ...(mid === null ? [] : [`a=mid:${mid}`]),
    'a=inactive',
  ];
}

function accepted({ kind, mid, protocol }: OfferedLine, transport: Transport, formats: (number | string)[]): string[] {
  const { user, password, fingerprint, setup } = transport;
  return [
    ...[`m=${kind} 9 ${protocol} ${formats.join(' ')}`, 'c=IN IP4 0.0.0.0', `a=mid:${mid}`],
    ...[`a=ice-ufrag:${user}`, `a=ice-pwd:${password}`, 'a=ice-options:ice2,trickle'],
    ...[`a=fingerprint:${fingerprint}`, `a=setup:${setup}`, 'a=rtcp-mux'],
  ];
}

function inactive({ format: { rtpmap } }: OfferedLine): string[] {
  return ['a=inactive', ...(rtpmap === null ? [] : [`a=rtpmap:${rtpmap}`])];
}

function sounding({ formats }: OfferedAudio, source: Source): string[] {
  return [
    'a=sendonly',
    ...formats.flatMap(({ codec, payloadType, parameters }) => [
      `a=rtpmap:${payloadType} ${codec === 'OPUS' ? 'opus/48000/2' : `${codec}/8000`}`,
      ...(parameters === '' ? [] : [`a=fmtp:${payloadType} ${parameters}`]),
    ]),
    ...naming(source),
  ];
}

function sending({ formats, playoutDelayId }: OfferedVideo, source: Source): string[] {
  return [
    'a=sendonly',
    // Without the extension Chromium waits for the pictures of a replayed GOP as long as for those of a late network.
    ...(playoutDelayId === null ? [] : [`a=extmap:${playoutDelayId} ${playoutDelay}`]),
    ...formats.flatMap(({ codec, payloadType, parameters }) => [
      `a=rtpmap:${payloadType} ${codec}/90000`,
      ...['nack', 'nack pli', 'goog-remb'].map((feedback) => `a=rtcp-fb:${payloadType} ${feedback}`),
      ...(parameters === '' ? [] : [`a=fmtp:${payloadType} ${parameters}`]),
    ]),
    ...naming(source),
  ];
}

function naming({ ssrc, name, cname }: Source): string[] {
  return [`a=msid:${name} ${name}`, `a=ssrc:${ssrc} cname:${cname}`, `a=ssrc:${ssrc} msid:${name} ${name}`];
}

function join(lines: string[]): string {
  return `${lines.join('\r\n')}\r\n`;
}
