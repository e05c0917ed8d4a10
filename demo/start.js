/** The device's first page: the demo, or with `?kiosk` a wall that fills its window. */
import { settings } from './page.js';

await import(settings.has('kiosk') ? './kiosk.js' : './demo.js');
