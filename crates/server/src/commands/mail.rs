//! `pingpost mail ADDRESS --config FILE`.

use std::path::PathBuf;

use clap::Args;
use zeroize::Zeroizing;

use super::{Done, Failure, StoreArgs, serve};
use crate::{
    clock,
    config::ConfigFile,
    egress::{Egress, Settings},
    entropy,
    mail::{self, Address, Mailer},
    screen::say,
};

#[derive(Debug, Args)]
pub struct MailArgs {
    /// Who gets it
    to: Address,
    /// The configuration with the [smtp] to be tried
    #[arg(long, value_name = "FILE", env = "PINGPOST_CONFIG")]
    config: PathBuf,
    #[command(flatten)]
    store: StoreArgs,
}

pub fn mail(args: MailArgs) -> Done {
    let settings = ConfigFile::read(&args.config).map_err(Failure::of)?.smtp;
    let settings = settings.ok_or_else(|| Failure(format!("{} has no [smtp]", args.config.display())))?;
    let mailer = Mailer::new(settings).map_err(Failure::of)?;
    let egress = Egress::new(Settings::standard().map_err(Failure::of)?);
    // The market says which addresses may be reached beyond public ones.
    let allow = args.store.open()?.market()?.map(|market| market.parts().egress_allow.clone()).unwrap_or_default();
    let id = exchange::id::PostId::from_bytes(entropy::timed_id()).to_string().replace("post_", "test_");
    let text = "This exchange can send you mails. Nothing is to be done.\n".to_owned();
    let to = args.to.clone();
    let mail = mail::Mail { id, to: vec![args.to], subject: "A test of pingpost".into(), at: clock::now(), text: Zeroizing::new(text), second: None };
    match serve::runtime()?.block_on(mail::to_operator(&egress, &mailer, &allow, &mail)) {
        Ok(()) => say!("the mail server took a mail to {to}"),
        Err(error) => return Err(Failure(format!("the mail was not taken, {error}"))),
    }
    Ok(())
}
