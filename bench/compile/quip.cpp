#include "class.hpp"
#include <quip/class/class_def.hpp>
#include <quip/convert/sequence.hpp>

void define(quip::ClassDef<Account>& def) {
  def.constructor<std::string, double>()
      .property<&Account::owner, &Account::set_owner>("owner")
      .property<&Account::balance>("balance")
      .method<&Account::deposit>()
      .method<&Account::withdraw>()
      .method<&Account::transfer>()
      .property<&Account::is_empty>("isEmpty")
      .method<&Account::compare>()
      .method<&Account::note>()
      .property<&Account::notes>("notes")
      .property<&Account::note_count>("noteCount")
      .method<&Account::clear_notes>("clearNotes")
      .method<&Account::describe>()
      .method<&Account::add_interest>("addInterest")
      .method<&Account::set_flags>("setFlags")
      .static_method<&Account::bank>()
      .field<&Account::limit>()
      .field<&Account::branch>()
      .field<&Account::is_open>("isOpen")
      .field<&Account::is_locked>("isLocked");
}

void add_to(const quip::Ctx& ctx) {
  ctx.globals().set("Account", quip::Instance<Account>::constructor(ctx));
}
