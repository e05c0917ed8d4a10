/** The configuration of a device that is started without a file: six synthetic cameras, each in two more sizes. */

const pictures = ['testsrc', 'testsrc2', 'mandelbrot', 'gradients', 'life', 'smptehdbars'];

export const demoConfig = `
api:
  listen: "127.0.0.1:1984"
streams:
${pictures
  .map(
    (video, index) => `
  camera${index + 1}: ffmpeg:virtual?video=${video}&size=720&rate=25#video=h264
  camera${index + 1}-360p: ffmpeg:camera${index + 1}#video=h264#height=360
  camera${index + 1}-720p: ffmpeg:camera${index + 1}#video=h264#height=720`,
  )
  .join('')}
`;
