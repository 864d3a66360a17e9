//! A policy in both models, and traffic compared with both, as text, JSON, CSV and HTML. The sentences are in `words`.

mod csv;
mod html;
mod json;
mod text;
mod traffic;
mod words;

pub use csv::csv;
pub use html::html;
pub use json::json;
pub use text::text;
pub use traffic::{csv as traffic_csv, html as traffic_html, json as traffic_json, text as traffic_text};
pub use words::{gaps, several_clusters};
