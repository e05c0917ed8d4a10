/** Few tiles need this code. It is loaded with the first of them, and imports nothing that others need as well. */

export { Attention } from './attention.ts';
export { AutoQuality } from './auto-quality.ts';
export { Frames } from './frames.ts';
export { pictureBox } from './picture-box.ts';
