import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vite';

export default defineConfig({
  // Without this Vue looks for components of these names, and warns that there are none.
  plugins: [vue({ template: { compilerOptions: { isCustomElement: (tag) => tag.startsWith('ms-') } } })],
});
