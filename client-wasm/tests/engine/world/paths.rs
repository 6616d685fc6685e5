//! The paths of the calls that the tests answer.

use telematics_contract::Call;

pub const REGISTER: &str = Call::Register.endpoint().path;
pub const LOGIN: &str = Call::Login.endpoint().path;
pub const REFRESH: &str = Call::RefreshToken.endpoint().path;
/// Reading and changing the record of the user.
pub const USERS: &str = Call::ReadUser.endpoint().path;
pub const UPLOAD: &str = Call::UploadImage.endpoint().path;
