/** The configuration of a device that is started without a file: six synthetic cameras, each in two more sizes. */

/**
 * FFmpeg's test sources that cost little: one process makes all six, and `mandelbrot` alone takes two thirds of a core at this
 * size and 0.3 s for its first picture (measured on a machine of two cores).
 */
const pictures = ['testsrc', 'testsrc2', 'colorspectrum', 'gradients', 'life', 'smptehdbars'];
const rates: Record<string, number> = { life: 10 };

export const demoConfig = `
api:
  listen: "127.0.0.1:1984"
streams:
${pictures
  .map(
    (video, index) => `
  camera${index + 1}: ffmpeg:virtual?video=${video}&size=720&rate=${rates[video] ?? 25}#video=h264
  camera${index + 1}-360p: ffmpeg:camera${index + 1}#video=h264#height=360
  camera${index + 1}-720p: ffmpeg:camera${index + 1}#video=h264#height=720`,
  )
  .join('')}
`;
