import { createApp } from 'vue';
import App from './App.vue';
import './app.css';

const query = new URLSearchParams(location.search);
const app = createApp(App, {
  device: query.get('device') ?? 'http://localhost:1984',
  cameras: query.get('cameras')?.split(',') ?? ['camera1', 'camera2', 'camera3', 'camera4', 'camera5', 'camera6'],
  onLeave: () => app.unmount(),
});
app.mount('#app');
