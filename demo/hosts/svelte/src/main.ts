import { mount, unmount } from 'svelte';
import App from './App.svelte';
import './app.css';

const query = new URLSearchParams(location.search);
const app = mount(App, {
  target: document.querySelector('#app') as HTMLElement,
  props: {
    device: query.get('device') ?? 'http://localhost:1984',
    cameras: query.get('cameras')?.split(',') ?? ['camera1', 'camera2', 'camera3', 'camera4', 'camera5', 'camera6'],
    onleave: () => unmount(app),
  },
});
