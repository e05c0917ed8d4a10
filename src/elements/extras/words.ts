import type { Strings } from '../strings.ts';

const english = {
  pending: 'Waiting',
  connecting: 'Connecting',
  waiting: 'Reconnecting',
  active: 'Live',
  buffering: 'Loading',
  offline: 'Offline',
  error: 'Error',
  inactive: 'Empty',
  paused: 'Paused',
  stale: 'earlier picture',
  calm: 'Calm',
  fullscreen: 'Fullscreen',
  pip: 'Picture in picture',
  snapshot: 'Save a snapshot',
  sound: 'Sound',
  soundBlocked: 'Click to hear the sound',
  noAudio: 'This camera sends no sound',
  audioCodec: 'The sound of this camera cannot be played here',
  quality: 'Quality',
  auto: 'Automatic',
  native: 'Original',
  stats: 'Statistics',
  resolution: 'Resolution',
  frameRate: 'Frames',
  bitrate: 'Bit rate',
  loss: 'Packets lost',
  roundTrip: 'Round trip',
  jitterBuffer: 'Jitter buffer',
  decoder: 'Decoder',
  dropped: 'Frames dropped',
  lastSwitch: 'Last switch, first / live',
  'bad-url': '“{device}” is not the address of a device',
  'mixed-content':
    'This page is on https and may not open {device}: give the device a certificate, or open this page over http',
  unreachable: 'No answer from {device}: is it switched on, and on this network?',
  'local-network':
    'The browser blocks this page from {device}: allow “local network access” for {page} in the settings of the site',
  'origin-refused': '{device} does not allow pages of {page}: its configuration has to name them in api.origin',
  unauthorized: '{device} refuses this page: its token is missing or no longer valid',
  'no-upgrade':
    '{device} answers, but a proxy in between does not pass WebSockets on: it has to forward the header Upgrade',
  'login-required': 'A log-in page stands before {device}: log in there, and reload this page',
  'not-a-device': 'Another program, or a log-in page, answers at {device}: check the address and the port',
  refused: 'The device refuses to play ({detail})',
  unsupported: 'The device cannot be played in this way ({detail})',
  'media-failed': 'The video does not get through from {device}: open its UDP port, or use a TURN server ({detail})',
  timeout: 'No answer in time ({detail})',
  lost: 'The connection to {device} was lost',
  streamNotFound: 'The device has no camera “{stream}”',
  tooManySlots: 'The device shows no more cameras at a time',
  codecMismatch: 'This browser cannot play the video of this camera ({detail})',
  cameraOffline: 'The camera does not answer ({detail})',
  noKeyframe: 'The camera sends; its next key frame, with which the picture begins, may take a minute',
  notShown: 'The device cannot show this camera ({detail})',
  attribute: 'This page is misconfigured ({detail})',
};

/** The languages that `languages.ts` has. */
const codes = ['de', 'es', 'zh'];

let languages: Partial<Record<string, Partial<Strings>>> | undefined;
let loading: Promise<void> | undefined;

function languageOf(element: Element): string | undefined {
  return codes.find((code) => element.matches(`:lang(${code})`));
}

/** Loads the texts in the element's language. A page that has no such file reads English. */
export async function loadStrings(element: Element): Promise<void> {
  if (languageOf(element)) {
    loading ??= import('./languages.ts').then(
      (file) => {
        languages = file.languages;
      },
      () => {
        languages = {};
      },
    );
    await loading;
  }
}

/**
 * The texts for an element: in the language of the page around it. Until they are loaded they are in English, and the element
 * is asked to render anew.
 */
export function stringsFor(element: Element & { requestUpdate?(): void }): Partial<Strings> {
  const language = languageOf(element);
  if (language && languages === undefined) {
    loadStrings(element).then(() => element.requestUpdate?.());
  }
  return (language && languages?.[language]) || english;
}
