/** The content of an iframe that can be shown without it: the streams of one device. */
export interface CameraPage {
  /** The device's address, without `/stream.html`. */
  readonly device: string;
  readonly streams: readonly string[];
  /** Empty where the address has none. */
  readonly token: string;
  /** Keeps playing while it is out of sight. */
  readonly eager: boolean;
  /** Asks for sound. */
  readonly sound: boolean;
}

/** Parameters that an address may have besides `src`, and those of their values that a tile obeys anyway. */
const parameters: Record<string, (value: string) => boolean> = {
  token: () => true,
  background: (value) => /^(true|false)$/.test(value),
  mode: (value) => value.split(',').includes('webrtc'),
  // A tile has no microphone: if the page asks for it, the iframe stays.
  media: (value) => /^(video|audio|,)+$/.test(value),
};

/**
 * Reads `<iframe src="…/stream.html?src=NAME">`. Null for an address that is not understood in full, and for an iframe
 * that `data-multistream="off"` keeps as it is, on itself or around it.
 */
export function readCameraPage(iframe: HTMLIFrameElement): CameraPage | null {
  const src = iframe.getAttribute('src');
  const url = src && URL.parse(src, iframe.baseURI);
  if (
    !url ||
    !/^https?:$/.test(url.protocol) ||
    !/(^|[^/])\/stream\.html$/.test(url.pathname) ||
    url.username !== '' ||
    iframe.hasAttribute('srcdoc') ||
    iframe.hasAttribute('sandbox') ||
    iframe.closest('[data-multistream="off"]')
  ) {
    return null;
  }
  const streams = url.searchParams.getAll('src');
  const others = [...url.searchParams].filter(([name]) => name !== 'src');
  const names = others.map(([name]) => name);
  const understood =
    new Set(names).size === names.length &&
    others.every(([name, value]) => Object.hasOwn(parameters, name) && parameters[name]?.(value));
  // An address in place of a name is a source that only go2rtc's own page can open.
  if (!understood || streams.length === 0 || streams.some((name) => name === '' || name.includes('://'))) {
    return null;
  }
  return {
    device: `${url.origin}${url.pathname.replace(/\/stream\.html$/, '')}`,
    streams,
    token: url.searchParams.get('token') ?? '',
    eager: url.searchParams.get('background') === 'true',
    sound: !!url.searchParams.get('media')?.includes('audio'),
  };
}
