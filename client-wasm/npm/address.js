// The parts of an absolute address.
export const origin = (url) => new URL(url).origin;
export const path = (url) => new URL(url).pathname;
