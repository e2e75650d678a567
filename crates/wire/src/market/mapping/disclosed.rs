//! Where in a post a contact stands: in an address it ends in other people's logs.

use exchange::{
    mapping::{From, Piece, Request},
    schema::Vertical,
};

pub(super) fn is_in_address(request: &Request, vertical: &Vertical) -> bool {
    is_in(&request.path, request, vertical) || is_in(&request.query, request, vertical)
}

fn is_in(pieces: &[Piece], request: &Request, vertical: &Vertical) -> bool {
    pieces.iter().any(|piece| match piece {
        Piece::Text(_) => false,
        Piece::Slot(slot) => request.values.get(slot.value).is_some_and(|value| match &value.from {
            From::Field(index) => !vertical.field(*index).is_shown(),
            From::Text(pieces) => is_in(pieces, request, vertical),
            _ => false,
        }),
        Piece::If { then, otherwise, .. } => is_in(then, request, vertical) || is_in(otherwise, request, vertical),
        Piece::Group(group) => group.parts.iter().any(|part| is_in(&part.pieces, request, vertical)),
    })
}
