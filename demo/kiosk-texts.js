/** The texts of the kiosk page, in the languages of the elements. */

const texts = {
  en: {
    title: 'Camera wall',
    number: '{name}={value}: this has to be a number from {from} to {to}.',
    choice: '{name}={value}: this has to be one of {choices}.',
    unknown: '{name}: there is no such setting. The settings are {names}.',
    stream: '{name}: the device has no stream “{value}”.',
    layout: '{message}',
    device: 'The device does not answer. This page asks again.',
    close: 'Close',
  },
  de: {
    title: 'Kamerawand',
    number: '{name}={value}: Das muss eine Zahl von {from} bis {to} sein.',
    choice: '{name}={value}: Das muss eines von diesen sein: {choices}.',
    unknown: '{name}: Diese Einstellung gibt es nicht. Es gibt {names}.',
    stream: '{name}: Das Gerät hat keinen Stream „{value}“.',
    layout: '{message}',
    device: 'Das Gerät antwortet nicht. Diese Seite fragt wieder.',
    close: 'Schließen',
  },
  es: {
    title: 'Muro de cámaras',
    number: '{name}={value}: tiene que ser un número de {from} a {to}.',
    choice: '{name}={value}: tiene que ser uno de estos: {choices}.',
    unknown: '{name}: este ajuste no existe. Los ajustes son {names}.',
    stream: '{name}: el dispositivo no tiene ningún stream «{value}».',
    layout: '{message}',
    device: 'El dispositivo no responde. Esta página vuelve a preguntar.',
    close: 'Cerrar',
  },
  zh: {
    title: '摄像机墙',
    number: '{name}={value}：必须是 {from} 到 {to} 之间的数字。',
    choice: '{name}={value}：必须是以下之一：{choices}。',
    unknown: '{name}：没有这个设置。可用的设置有：{names}。',
    stream: '{name}：设备没有名为“{value}”的流。',
    layout: '{message}',
    device: '设备没有应答。本页会再次尝试。',
    close: '关闭',
  },
};

/** The language of the page: the one that its address says, or else the first that its reader prefers and that is here. */
export function languageFor(wanted) {
  return (
    [wanted, ...navigator.languages.map((tag) => tag.slice(0, 2))].find((tag) => Object.hasOwn(texts, tag)) ?? 'en'
  );
}

/** @param problem a code, and the values that its text names */
export function tell(language, { code, ...values }) {
  // A function: in a text, `$&` would stand for something.
  return texts[language][code].replace(/\{(\w+)\}/g, (_, name) => shortened(String(values[name])));
}

function shortened(value) {
  return value.length > 200 ? `${value.slice(0, 200)}…` : value;
}
