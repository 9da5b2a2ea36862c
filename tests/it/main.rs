//! Behaviour seen from outside: the binary in a temporary folder.

mod bought;
mod campaign;
mod check;
mod evidence;
mod exits;
mod experiment;
mod faults;
mod folders;
mod golden;
mod guide;
mod history;
mod house;
mod ingest;
mod languages;
mod money;
mod mutants;
mod names;
mod plan;
mod promise;
mod proposed;
mod readme;
mod report;
mod scene;
mod sentences;
mod serve;
mod simulate;
