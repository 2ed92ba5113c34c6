//! Why a token is refused: for the log, and never for who has sent it.

/// What is wrong with a token.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// It has too many bytes.
    #[error("it is too long")]
    TooLong,
    /// It is none.
    #[error("it is no signed token")]
    Unreadable,
    /// It is signed in a way that is not taken, or not at all.
    #[error("its algorithm is not taken")]
    Algorithm,
    /// It is of a kind that is not for this, or wants what is not understood.
    #[error("it is of a kind that is not taken")]
    Kind,
    /// Somebody else gave it.
    #[error("its issuer is another")]
    Issuer,
    /// It is for somebody else.
    #[error("its audience is another")]
    Audience,
    /// It says nothing of until when it holds.
    #[error("it has no end")]
    NoEnd,
    /// Its time is over.
    #[error("it is over")]
    Over,
    /// Its time has not begun.
    #[error("it does not hold yet")]
    NotYet,
    /// A key of that name is not among those of the issuer.
    #[error("its key is none of the issuer's")]
    Key,
    /// Nobody has signed it with that key.
    #[error("its signature is wrong")]
    Signature,
    /// It does not say whose it is.
    #[error("it names no person")]
    Person,
}
