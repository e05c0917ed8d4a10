/** Few tiles need these. They are loaded with the first of them, and import nothing that others need as well. */

export { Attention } from './attention.ts';
export { AutoQuality } from './auto-quality.ts';
export { Frames } from './frames.ts';
export { pictureBox } from './picture-box.ts';
