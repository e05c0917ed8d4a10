/**
 * The configured name of a stream in a quality: `camera1` in `360p` is `camera1-360p`.
 * An empty quality and `native` mean the stream itself.
 */
export function resolveStreamName(stream: string, quality = ''): string {
  return quality === '' || quality === 'native' ? stream : `${stream}-${quality}`;
}
