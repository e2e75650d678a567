//! `POST /v1/posts/{post_id}/outcome`: a buyer reports by itself what became of a post.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    response::Response,
};
use exchange::{call::PostReply, flow::reconcile::Source, id::PostId};
use store::{SaleRow, SaleStatus};
use wire::{answer::Node as Body, request::read_outcome};

use super::{
    documents,
    entry::{entry, sale_of},
};
use crate::{
    caller::{self, Asked, Buyer},
    clock, driver,
    intake::About,
    node::Node,
    problem::Problem,
    recovery,
    refusals::{NotABuyers, NotRead},
};

/// What became of a post
///
/// For whom the answer to a post got lost: until it is known, the lead's price stays held and nobody else is offered it. The same
/// report again gets the sale as it is. Who had confirmed a sale is bound: `rejected` books it and asks for a return.
#[utoipa::path(
    post,
    path = "/v1/posts/{post_id}/outcome",
    operation_id = "report_outcome",
    tag = "buyers",
    params(("post_id" = String, Path, description = "The `post_id` of the post, post_…")),
    request_body(description = "`status` is `accepted`, with `redirect_url` and `lead_ref` where there are any, or `rejected`, with a `reason`", content((documents::Outcome = "application/json"), (String = "application/x-www-form-urlencoded"), (String = "application/xml"))),
    responses(
        (status = 200, description = "The sale as it stands now", body = documents::Sale),
        (status = 404, description = "No post of this buyer", content_type = "application/problem+json"),
        (status = 409, description = "The sale ended otherwise, or is being looked at: `Retry-After` then says when to report again", content_type = "application/problem+json"),
        (status = 422, description = "Fields that must be corrected, all of them named in `errors`", content_type = "application/problem+json"),
        (status = 503, description = "Nothing could be stored durably; report again", content_type = "application/problem+json"),
        NotABuyers,
        NotRead,
    ),
    security(("key" = []))
)]
pub async fn outcome(State(node): State<Arc<Node>>, About(post): About, request: Request) -> Response {
    caller::answered(&node, "report_outcome", request, caller::buyer, |asked| answer(&node, post, asked)).await
}

async fn answer(node: &Arc<Node>, post: String, asked: Asked<Buyer>) -> Result<Body, Problem> {
    let unknown = || Problem::not_found("no post of yours has this id");
    let sale = post.parse::<PostId>().map_err(|_| unknown())?.sale_id();
    let row = sale_of(node, sale, &asked.who.0).await?.filter(|row| row.post_started_at.is_some()).ok_or_else(unknown)?;
    let report = read_outcome(&asked.fields).map_err(|errors| Problem::fields(&errors))?;
    let row = if row.status.is_open() { settled(node, row, report.clone()).await? } else { row };
    if row.status.is_open() {
        return Err(Problem::in_flight(None));
    }
    if !agrees(&row, &report) {
        return Err(Problem::decided_otherwise(&format!("this sale is {} already; what is sold is given back by asking for a return", row.status.word())));
    }
    entry(node, row).await
}

/// The sale after its buyer's report. Whoever reports may hang up: the report is booked all the same.
async fn settled(node: &Arc<Node>, row: SaleRow, report: PostReply) -> Result<SaleRow, Problem> {
    let (sale, buyer) = (row.sale, row.buyer.clone());
    let open = node.readers.read(move |reader| reader.open_post(clock::now(), sale)).await.map_err(Problem::store)?;
    if let Some(open) = open {
        let start = recovery::look_start(node, open, Source::Reported).await.ok_or_else(|| Problem::unavailable("the market of the sale can't be read"))?;
        let of_task = Arc::clone(node);
        let look = node.runs.spawn(async move { driver::look(&of_task, start, Some(report)).await });
        let looked = look.await.map_err(|_| Problem::unavailable("the exchange is shutting down"))?;
        looked.map_err(|error| {
            tracing::error!(%error, %sale, "a report could not be booked");
            Problem::unavailable("the market of the sale can't be read")
        })?;
    }
    let row = sale_of(node, sale, &buyer).await?;
    row.ok_or_else(Problem::internal)
}

/// Whether a sale ended as its buyer says. Who had confirmed and then rejects has bought it, and asks for a return.
fn agrees(row: &SaleRow, report: &PostReply) -> bool {
    match (row.status, report) {
        (SaleStatus::Sold | SaleStatus::Returned, PostReply::Accepted { .. }) | (SaleStatus::Void, PostReply::Rejected { .. }) => true,
        (SaleStatus::Sold | SaleStatus::Returned, PostReply::Rejected { .. }) => row.confirmed,
        _ => false,
    }
}
