/** The panels of the page that report how their last action went. */
export type Panel = "connect" | "register" | "login" | "session" | "telematics" | "calls" | "mock" | "faults" | "users";
