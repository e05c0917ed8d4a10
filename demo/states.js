import { followConnection, settings } from './page.js';

const grid = document.getElementById('tiles');
const [playing] = grid.querySelectorAll('ms-slot');
const deeds = {
  switch: () => {
    playing.stream = playing.stream === 'camera1' ? 'gone-for-lunch' : 'camera1';
  },
  spotlight: () => grid.spotlight(grid.spotlit ? null : playing),
  disconnect: () => grid.disconnect(),
  connect: () => grid.connect(),
};

followConnection(grid, document.getElementById('connection'));
document.documentElement.style.colorScheme = settings.get('theme') ?? '';
for (const wall of document.querySelectorAll('ms-grid')) {
  wall.theme = settings.get('theme') ?? '';
}
for (const [id, act] of Object.entries(deeds)) {
  document.getElementById(id).addEventListener('click', act);
}
