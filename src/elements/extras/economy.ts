/** What lets a wall cost less. Loaded with the first tile that needs it; it imports no code that others need as well. */

export { Attention } from './attention.ts';
export { AutoQuality } from './auto-quality.ts';
