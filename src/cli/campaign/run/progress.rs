//! How far the campaigns of a batch are.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::batch::job::Step;
use crate::batch::order::Order;
use crate::cli::terminal::context::Context;
use crate::cli::terminal::screen::shown;

/// One bar per campaign on a terminal, plain lines otherwise.
#[derive(Debug, Clone)]
pub(super) struct Progress {
    bars: Arc<Mutex<BTreeMap<PathBuf, ProgressBar>>>,
    all: MultiProgress,
    context: Context,
    is_terminal: bool,
}

impl Progress {
    pub(super) fn new(context: &Context, campaigns: usize) -> Self {
        let is_terminal = std::io::stderr().is_terminal() && campaigns > 0;
        let target =
            if is_terminal { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        Self {
            bars: Arc::default(),
            all: MultiProgress::with_draw_target(target),
            context: context.clone(),
            is_terminal,
        }
    }

    pub(super) fn tell(&self, order: &Order, step: Step) {
        let name = order.title();
        let step = self.context.language.text(step.key());
        if !self.is_terminal {
            self.context.note(&format!("{name}: {step}"));
            return;
        }
        let mut bars = self.bars.lock().expect("no holder of this lock panics");
        let bar = bars.entry(order.folder.clone()).or_insert_with(|| {
            let style = ProgressStyle::with_template("{spinner} {prefix:32} {msg}")
                .expect("the template is well formed");
            self.all.add(
                ProgressBar::new_spinner().with_style(style).with_prefix(shown(&name).into_owned()),
            )
        });
        bar.set_message(step);
        bar.tick();
    }

    pub(super) fn done(&self, order: &Order) {
        if let Some(bar) =
            self.bars.lock().expect("no holder of this lock panics").get(&order.folder)
        {
            bar.finish_and_clear();
        }
    }

    pub(super) fn finish(&self) {
        // Bars that cannot be cleared are only cosmetic.
        let _ = self.all.clear();
    }
}
