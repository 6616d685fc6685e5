export class UserServiceError extends Error {
  static {
    this.prototype.name = "UserServiceError";
  }

  constructor({ message, cause, ...details }) {
    super(message, cause === undefined ? undefined : { cause });
    Object.assign(this, details);
  }
}

export const failure = (code, message, cause) => new UserServiceError({ code, message, cause });

/** Throws the details of an error; the code that starts the call makes a `UserServiceError` of them. */
export function refuse(code, message) {
  throw { code, message };
}
