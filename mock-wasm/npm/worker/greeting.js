// @ts-check
// The message with which a page asks the worker where the mock is.

export const WHERE = "telematics-mock: where is the mock?";
