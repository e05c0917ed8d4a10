/** Offers as browsers write them, as short as can be. */

export const playoutDelay = 'http://www.webrtc.org/experiments/rtp-hdrext/playout-delay';
const digest = Array.from({ length: 32 }, (_, index) => (index + 16).toString(16).toUpperCase()).join(':');
export const fingerprint = `sha-256 ${digest}`;
export const transport = [
  ...['a=ice-ufrag:abcd', 'a=ice-pwd:abcdefghijklmnopqrstuv', `a=fingerprint:${fingerprint}`, 'a=setup:actpass'],
];

export function bundle(...mids: string[]): string {
  return `a=group:BUNDLE ${mids.join(' ')}`;
}

export function video(mid: string, lines: readonly string[]): string {
  return [
    'm=video 9 UDP/TLS/RTP/SAVPF 96 102 104 106 108 64 95 128 200',
    ...['c=IN IP4 0.0.0.0', `a=mid:${mid}`, 'a=recvonly', ...transport, 'a=rtcp-mux', ...lines],
  ].join('\r\n');
}

export function h264(payload: number, parameters: string): string[] {
  return [`a=rtpmap:${payload} H264/90000`, `a=fmtp:${payload} ${parameters}`];
}

export function h265(payload: number, parameters: string): string[] {
  return [`a=rtpmap:${payload} H265/90000`, `a=fmtp:${payload} ${parameters}`];
}

export function offerOf(...lines: string[]): string {
  return `${['v=0', 'o=- 1 2 IN IP4 127.0.0.1', 's=-', 't=0 0', ...lines].join('\r\n')}\r\n`;
}
