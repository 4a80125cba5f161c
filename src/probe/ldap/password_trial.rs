//! A password is tried once in a domain: until one server has taken it, no other
//! is asked at the same time, and after a refusal none at all. Each wrong try
//! counts towards a lockout.

use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Mutex;
use tokio::time::Instant;

use super::fault::DirectoryFault;

/// What is known of the session's password in a domain.
#[derive(Debug, Default)]
pub(super) struct PasswordTrial {
    accepted: AtomicBool,
    refused: Mutex<Option<DirectoryFault>>,
}

impl PasswordTrial {
    /// Signs in, unless the password was refused before.
    pub(super) async fn try_once<T>(
        &self,
        deadline: Instant,
        sign_in: impl Future<Output = Result<T, DirectoryFault>>,
    ) -> Result<T, DirectoryFault> {
        if self.accepted.load(Ordering::Acquire) {
            return sign_in.await;
        }
        let mut refused = tokio::time::timeout_at(deadline, self.refused.lock())
            .await
            .map_err(|_| DirectoryFault::TimedOut("another sign-in".to_owned()))?;
        if let Some(fault) = refused.as_ref() {
            return Err(fault.clone());
        }
        if self.accepted.load(Ordering::Acquire) {
            drop(refused);
            return sign_in.await;
        }
        let result = sign_in.await;
        match &result {
            Ok(_) => self.accepted.store(true, Ordering::Release),
            Err(fault) if fault.is_refusal() => *refused = Some(fault.clone()),
            Err(_) => {}
        }
        result
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;
    use std::time::Duration;

    use super::*;

    fn refusal() -> DirectoryFault {
        DirectoryFault::SignInRefused {
            server: "dc1:389".to_owned(),
            what: "the password is wrong (52e)".to_owned(),
        }
    }

    #[tokio::test]
    async fn a_refused_password_is_tried_once_however_many_ask() {
        let trial = PasswordTrial::default();
        let tries = AtomicUsize::new(0);
        let deadline = Instant::now() + Duration::from_secs(5);
        let sign_in = || async {
            tries.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
            Err::<(), _>(refusal())
        };
        let (one, two) = tokio::join!(
            trial.try_once(deadline, sign_in()),
            trial.try_once(deadline, sign_in())
        );
        assert_eq!((one, two), (Err(refusal()), Err(refusal())));
        assert_eq!(trial.try_once(deadline, sign_in()).await, Err(refusal()));
        assert_eq!(tries.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn a_password_that_was_taken_once_is_tried_elsewhere() {
        let trial = PasswordTrial::default();
        let deadline = Instant::now() + Duration::from_secs(5);
        assert!(trial.try_once(deadline, async { Ok(()) }).await.is_ok());
        let elsewhere = trial.try_once(deadline, async { Err::<(), _>(refusal()) });
        assert!(elsewhere.await.is_err());
        assert!(trial.try_once(deadline, async { Ok(()) }).await.is_ok());
    }

    #[tokio::test]
    async fn a_server_that_is_down_says_nothing_of_the_password() {
        let trial = PasswordTrial::default();
        let deadline = Instant::now() + Duration::from_secs(5);
        let down = || DirectoryFault::TimedOut("dc1:389".to_owned());
        let first = trial.try_once(deadline, async { Err::<(), _>(down()) });
        assert_eq!(first.await, Err(down()));
        assert!(trial.try_once(deadline, async { Ok(()) }).await.is_ok());
    }
}
