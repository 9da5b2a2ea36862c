//! Files as a browser sends them: written down piece by piece, under names that lead nowhere.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use axum::body::Bytes;
use axum::extract::multipart::{Field, MultipartError, MultipartRejection};
use axum::extract::{Multipart, State};
use axum::http::StatusCode;
use axum::response::Redirect;
use tokio::sync::mpsc;

use super::stage::Stage;
use crate::serve::answer::{Answer, Trouble, work};
use crate::serve::desk::Shared;
use crate::serve::room::Room;

/// Files that may come together.
const MOST: usize = 50;
/// Pieces that wait for the disk.
const WAITING: usize = 8;

/// Takes files in, and opens what was understood of them.
pub(super) async fn receive(
    State(desk): State<Shared>,
    form: Result<Multipart, MultipartRejection>,
) -> Answer<Redirect> {
    let room = desk.room();
    desk.may_write()?;
    let mut form = form.map_err(|error| Trouble::new(error.status(), &room, &error.body_text()))?;
    let told = room.clone();
    let stage = work(&room, move || {
        let own = desk.root();
        Stage::begin(own).map_err(|error| unwritten(&told, own, &error))
    });
    let stage = stage.await?;
    let taken = all(&mut form, &stage, &room).await;
    if taken.is_err() {
        // Half a file is no export.
        let _ = stage.remove();
        return taken.map(|()| Redirect::to("/imports"));
    }
    let (id, folder) = (stage.id.clone(), stage.folder.clone());
    stage.show().map_err(|error| unwritten(&room, &folder, &error))?;
    Ok(Redirect::to(&format!("/imports/{id}")))
}

async fn all(form: &mut Multipart, stage: &Stage, room: &Room) -> Answer<()> {
    let mut count = 0;
    while let Some(mut field) = form.next_field().await.map_err(|error| broken(room, &error))? {
        // A form without a file sends one without a name.
        let Some(name) = field.file_name().map(str::to_owned).filter(|name| !name.is_empty())
        else {
            continue;
        };
        count += 1;
        if count > MOST {
            return Err(Trouble::bad(room, &room.text("serve-imports-many")));
        }
        let file = stage.put(&name).map_err(|error| unwritten(room, &stage.folder, &error))?;
        one(&mut field, file, &stage.folder, room).await?;
    }
    if count == 0 {
        return Err(Trouble::bad(room, &room.text("serve-imports-none")));
    }
    Ok(())
}

/// One file: read here, written where waiting for the disk holds nobody up.
async fn one(field: &mut Field<'_>, file: File, folder: &Path, room: &Room) -> Answer<()> {
    let (pieces, waiting) = mpsc::channel::<Bytes>(WAITING);
    let writing = tokio::task::spawn_blocking(move || written(file, waiting));
    let mut read = Ok(());
    loop {
        match field.chunk().await {
            Ok(Some(piece)) => {
                if pieces.send(piece).await.is_err() {
                    // Who writes has stopped, and says why.
                    break;
                }
            }
            Ok(None) => break,
            Err(error) => {
                read = Err(broken(room, &error));
                break;
            }
        }
    }
    drop(pieces);
    let done = writing.await.map_err(|error| Trouble::fault(room, &error.to_string()))?;
    read.and(done.map_err(|error| unwritten(room, folder, &error)))
}

fn written(mut file: File, mut pieces: mpsc::Receiver<Bytes>) -> io::Result<()> {
    while let Some(piece) = pieces.blocking_recv() {
        file.write_all(&piece)?;
    }
    Ok(())
}

/// That what came is no whole form, or too large.
fn broken(room: &Room, error: &MultipartError) -> Trouble {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return Trouble::told(error.status(), room, "serve-imports-large");
    }
    Trouble::told(error.status(), room, "serve-imports-broken")
}

fn unwritten(room: &Room, path: &Path, error: &io::Error) -> Trouble {
    Trouble::bad(room, &room.language.unwritable(path, error))
}
