/** How properties become attributes and attributes properties. */

/** What a page sets as a property it finds as an attribute. */
export const reflected = { reflect: true };

/** Without the attribute it has the value that its class gives it. */
export const text = { ...reflected, useDefault: true };

/** `slot` may also hold a host component's slot name; only a number is ours. */
export const slotNumber = {
  fromAttribute: (value: string | null) => (value !== null && /^\d+$/.test(value) ? Number(value) : undefined),
};
