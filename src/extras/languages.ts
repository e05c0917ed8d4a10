import type { Strings } from '../strings.ts';

/** The texts of the controls in English; those of the states are with the elements. */
const english = {
  fullscreen: 'Fullscreen',
  pip: 'Picture in picture',
  snapshot: 'Save a snapshot',
  mute: 'Sound off',
  quality: 'Quality',
  auto: 'Automatic',
  native: 'Original',
  stats: 'Statistics',
};

const german: Strings = {
  pending: 'Wartet',
  connecting: 'Verbindet',
  waiting: 'Verbindet neu',
  active: 'Live',
  buffering: 'Lädt',
  offline: 'Offline',
  error: 'Fehler',
  inactive: 'Leer',
  paused: 'Angehalten',
  stale: 'früheres Bild',
  fullscreen: 'Vollbild',
  pip: 'Bild im Bild',
  snapshot: 'Bild speichern',
  mute: 'Ton aus',
  quality: 'Qualität',
  auto: 'Automatisch',
  native: 'Original',
  stats: 'Messwerte',
};

const spanish: Strings = {
  pending: 'En espera',
  connecting: 'Conectando',
  waiting: 'Reconectando',
  active: 'En directo',
  buffering: 'Cargando',
  offline: 'Sin conexión',
  error: 'Error',
  inactive: 'Vacío',
  paused: 'En pausa',
  stale: 'imagen anterior',
  fullscreen: 'Pantalla completa',
  pip: 'Imagen en imagen',
  snapshot: 'Guardar imagen',
  mute: 'Silenciar',
  quality: 'Calidad',
  auto: 'Automática',
  native: 'Original',
  stats: 'Estadísticas',
};

const chinese: Strings = {
  pending: '等待中',
  connecting: '正在连接',
  waiting: '正在重新连接',
  active: '直播',
  buffering: '加载中',
  offline: '离线',
  error: '错误',
  inactive: '空闲',
  paused: '已暂停',
  stale: '较早的画面',
  fullscreen: '全屏',
  pip: '画中画',
  snapshot: '保存截图',
  mute: '静音',
  quality: '画质',
  auto: '自动',
  native: '原始',
  stats: '统计信息',
};

const languages: Record<string, Partial<Strings>> = { de: german, es: spanish, zh: chinese };

/** The texts for an element: in the language of the page around it. */
export function stringsFor(element: Element): Partial<Strings> {
  const language = element.closest('[lang]')?.getAttribute('lang') || document.documentElement.lang;
  return languages[language.toLowerCase().split('-')[0] ?? ''] ?? english;
}
