(function(){
var d=document,f=d.forms,i;
function once(e){var b=this.querySelector('button');setTimeout(function(){b.disabled=true},0)}
for(i=0;i<f.length;i++)if(f[i].hasAttribute('data-once'))f[i].addEventListener('submit',once);
window.addEventListener('pageshow',function(e){if(e.persisted)location.reload()});
var keep=d.body.querySelector('[data-keep]');
if(keep&&history.replaceState)history.replaceState(null,'',keep.getAttribute('data-keep'));
})();
