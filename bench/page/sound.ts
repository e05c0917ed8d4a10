/** How soon a tile is heard after it was asked for; the cameras' tones never pause, and each has its own. */

interface Grid extends HTMLElement {
  listen(slot: number | null): void;
}

/** A tone of this part of full scale is heard: the cameras' have a third. */
const threshold = 0.1;
/** Samples in which a tone is looked for: 11 ms at 48 kHz. */
const windowSize = 512;
/** Milliseconds after which a tile that is not heard ends the measurement. */
const patience = 20_000;

const players = new Set<HTMLAudioElement>();
const { play } = HTMLMediaElement.prototype;
HTMLMediaElement.prototype.play = function (this: HTMLMediaElement) {
  if (this.localName === 'audio') {
    players.add(this as HTMLAudioElement);
  }
  return play.call(this);
};

/**
 * Milliseconds from asking for a tile's sound to the moment at which its tone is heard, beginning with a page that hears nothing.
 * Sound that the browser still has of the tile before has another tone.
 * @param tone of the tile's camera, in hertz
 */
export async function tapToSound(index: number, tone: number): Promise<number> {
  const grid = document.querySelector('ms-grid') as Grid;
  const context = new AudioContext({ latencyHint: 'interactive' });
  await context.resume();
  const analyser = new AnalyserNode(context, { fftSize: windowSize });
  const samples = new Float32Array(windowSize);
  players.clear();
  const start = performance.now();
  grid.listen(index);
  try {
    let source: AudioNode | undefined;
    for (;;) {
      const [player] = players;
      if (player !== undefined && source === undefined) {
        const stream = player.srcObject as MediaStream | null;
        source = stream ? context.createMediaStreamSource(stream) : context.createMediaElementSource(player);
        source.connect(analyser);
      }
      analyser.getFloatTimeDomainData(samples);
      if (levelOf(samples, tone / context.sampleRate) > threshold) {
        return performance.now() - start;
      }
      if (performance.now() - start > patience) {
        throw new Error(`tile ${index} is not heard`);
      }
      await new Promise((resolve) => setTimeout(resolve, 4));
    }
  } finally {
    await context.close();
  }
}

/** How loud a tone is in samples, as a part of full scale. @param frequency in cycles a sample */
function levelOf(samples: Float32Array, frequency: number): number {
  const angle = 2 * Math.PI * frequency;
  let [real, imaginary] = [0, 0];
  for (const [at, sample] of samples.entries()) {
    // A Hann window: other tones do not leak into this one.
    const weighed = sample * (1 - Math.cos((2 * Math.PI * at) / samples.length));
    real += weighed * Math.cos(angle * at);
    imaginary += weighed * Math.sin(angle * at);
  }
  return (2 * Math.hypot(real, imaginary)) / samples.length;
}

/** @param index of the tile that is heard from now on; null for none */
export function listen(index: number | null): void {
  (document.querySelector('ms-grid') as Grid).listen(index);
}
