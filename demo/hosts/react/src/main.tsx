import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app';
import { AppWithWrappers } from './app-with-wrappers';
import './app.css';

const query = new URLSearchParams(location.search);
const props = {
  device: query.get('device') ?? 'http://localhost:1984',
  cameras: query.get('cameras')?.split(',') ?? ['camera1', 'camera2', 'camera3', 'camera4', 'camera5', 'camera6'],
  onLeave: () => root.unmount(),
};
const root = createRoot(document.querySelector('#root') as HTMLElement);
root.render(<StrictMode>{query.has('wrappers') ? <AppWithWrappers {...props} /> : <App {...props} />}</StrictMode>);
