mod app;
mod calls;
mod tokens;
mod well_behaved;
