/** How often (ms) to look for a key frame, and for how long. */
const lookEvery = 50;
const lookFor = 4000;

/**
 * Waits until the browser has decoded one more key frame. Ends sooner after 4 s, if the browser does not count key
 * frames, and when the caller no longer needs it.
 */
export async function nextKeyFrame(
  getStats: () => Promise<RTCStatsReport | null>,
  isNeeded: () => boolean,
): Promise<void> {
  const count = async () => keyFramesIn(await getStats());
  const deadline = performance.now() + lookFor;
  const before = await count();
  while (before !== undefined && isNeeded() && performance.now() < deadline && (await count()) === before) {
    await new Promise((resolve) => setTimeout(resolve, lookEvery));
  }
}

/** Undefined without a track, and in browsers that do not count key frames. */
function keyFramesIn(report: RTCStatsReport | null): number | undefined {
  return [...(report?.values() ?? [])].find(({ type, kind }) => type === 'inbound-rtp' && kind === 'video')
    ?.keyFramesDecoded;
}
