/** What few tiles need. Loaded with the first of them; it imports no code that others need as well. */

export { Attention } from './attention.ts';
export { AutoQuality } from './auto-quality.ts';
export { Frames } from './frames.ts';
export { pictureBox } from './picture-box.ts';
